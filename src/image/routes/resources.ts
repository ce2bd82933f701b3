// The resources of this service: where they are, what they are called, and the rules of what can be done to all.
import { resource, type Act } from '../../platform/api/resource.ts'

const imageRules: Record<Act, string> = {
  list: 'get_images',
  show: 'get_image',
  create: 'add_image',
  update: 'modify_image',
  delete: 'delete_image',
}
export const images = resource({ path: '/images', one: 'an image', many: 'images', rule: (act) => imageRules[act], updateBy: 'PATCH' })

export const tasks = resource({ path: '/tasks', one: 'a task', many: 'tasks', rule: () => 'tasks_api_access' })
