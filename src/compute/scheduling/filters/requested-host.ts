// Only the host that was asked for by name; never those that the server must leave.
import type { Filter } from './filter.ts'

export const requestedHostFilter: Filter = {
  name: 'RequestedDestinationFilter',
  passes: (host, { request }) =>
    request.host === undefined || request.host === null || request.host === host.name || request.host === host.hostname,
}

export const ignoreHostsFilter: Filter = {
  name: 'IgnoreHostsFilter',
  passes: (host, { request }) => !(request.ignoreHosts ?? []).includes(host.name),
}
