// Rules that every service's rules may name: Keystone's personas. admin is cloud-wide; manager, member and reader
// hold within the token's project; service is for services among themselves. Each domain has them in its own scope, so that
// an operator's file for one domain that says who is admin there says so for every rule of it that names one of these, and for no
// other domain.
import type { Rules } from './policy.ts'

export const basePolicy: Rules = {
  context_is_admin: 'role:admin',
  admin_required: 'rule:context_is_admin',
  admin_api: 'rule:context_is_admin',
  admin_only: 'rule:context_is_admin',
  service_api: 'role:service',
  owner: 'project_id:%(project_id)s',
  admin_or_owner: 'rule:context_is_admin or project_id:%(project_id)s',
  project_member_api: 'role:member and project_id:%(project_id)s',
  project_reader_api: 'role:reader and project_id:%(project_id)s',
  project_manager_api: 'role:manager and project_id:%(project_id)s',
  project_member_or_admin: 'rule:project_member_api or rule:context_is_admin',
  project_reader_or_admin: 'rule:project_reader_api or rule:context_is_admin',
  project_manager_or_admin: 'rule:project_manager_api or rule:context_is_admin',
  allow_all: '@',
  deny_all: '!',
}
