// Names of ports where their networks have no domain of their own.

export const dnsDomain = 'openstacklocal.'
