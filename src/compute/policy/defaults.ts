// Who usually may, in Nova's words: its current personas.
export const member = 'rule:project_member_or_admin'
export const reader = 'rule:project_reader_or_admin'
export const manager = 'rule:project_manager_or_admin'
export const admin = 'rule:context_is_admin'
export const service = 'rule:service_api or rule:context_is_admin'
export const any = '@'
