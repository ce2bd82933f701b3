// Glance's policy as data: rule names and defaults as operators know them (oslo.policy syntax, Keystone's personas).
import type { Rules } from '../platform/api/policy.ts'

const member = 'role:member and project_id:%(project_id)s'
const reader = 'role:reader and project_id:%(project_id)s'
const imageMember = 'project_id:%(member_id)s'
const visible = `project_id:%(project_id)s or ${imageMember} or 'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s`
const adminOrMember = `rule:context_is_admin or (${member})`
const adminOrReader = `rule:context_is_admin or (${reader})`
const readerOrImageMember = `rule:context_is_admin or role:reader and (project_id:%(project_id)s or ${imageMember})`
const namespaceReader = `rule:context_is_admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))`

export const imagePolicy: Rules = {
  service_api: 'role:service or role:admin',
  add_image: `rule:context_is_admin or (${member} and project_id:%(owner)s)`,
  delete_image: adminOrMember,
  get_image: `rule:context_is_admin or (role:reader and (${visible}))`,
  get_images: adminOrReader,
  modify_image: adminOrMember,
  publicize_image: 'rule:context_is_admin',
  communitize_image: adminOrMember,
  download_image: `rule:context_is_admin or (role:member and (${visible}))`,
  upload_image: adminOrMember,
  delete_image_location: 'rule:context_is_admin',
  get_image_location: adminOrReader,
  set_image_location: adminOrMember,
  add_image_location: `rule:service_api or (${member} and project_id:%(owner)s)`,
  fetch_image_location: 'rule:service_api',
  add_member: adminOrMember,
  delete_member: adminOrMember,
  get_member: readerOrImageMember,
  get_members: readerOrImageMember,
  modify_member: `rule:context_is_admin or (role:member and ${imageMember})`,
  manage_image_cache: 'rule:context_is_admin',
  deactivate: adminOrMember,
  reactivate: adminOrMember,
  copy_image: 'rule:context_is_admin',
  stores_info_detail: 'rule:context_is_admin or rule:service_api',
  tasks_api_access: 'rule:context_is_admin',
  get_metadef_namespace: namespaceReader,
  get_metadef_namespaces: adminOrReader,
  get_metadef_object: namespaceReader,
  get_metadef_objects: namespaceReader,
  get_metadef_property: namespaceReader,
  get_metadef_properties: namespaceReader,
  get_metadef_tag: namespaceReader,
  get_metadef_tags: namespaceReader,
  list_metadef_resource_types: namespaceReader,
  get_metadef_resource_type: namespaceReader,
  metadef_admin: 'rule:context_is_admin',
  add_metadef_namespace: 'rule:metadef_admin',
  modify_metadef_namespace: 'rule:metadef_admin',
  delete_metadef_namespace: 'rule:metadef_admin',
  add_metadef_object: 'rule:metadef_admin',
  modify_metadef_object: 'rule:metadef_admin',
  delete_metadef_object: 'rule:metadef_admin',
  add_metadef_property: 'rule:metadef_admin',
  modify_metadef_property: 'rule:metadef_admin',
  remove_metadef_property: 'rule:metadef_admin',
  add_metadef_tag: 'rule:metadef_admin',
  add_metadef_tags: 'rule:metadef_admin',
  modify_metadef_tag: 'rule:metadef_admin',
  delete_metadef_tag: 'rule:metadef_admin',
  delete_metadef_tags: 'rule:metadef_admin',
  add_metadef_resource_type_association: 'rule:metadef_admin',
  remove_metadef_resource_type_association: 'rule:metadef_admin',
}
