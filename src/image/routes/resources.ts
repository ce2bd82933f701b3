// The resources of this service: where they are, what they are called, and the rules of what can be done to all.
import { resource, type Act } from '../../platform/api/resource.ts'

/** Glance's names of rules: get_images, get_image, add_image, … */
export const rulesOf =
  (one: string, { many = `${one}s`, remove = 'delete' } = {}) =>
  (act: Act): string =>
    act === 'list' ? `get_${many}` : `${{ show: 'get', create: 'add', update: 'modify', delete: remove }[act]}_${one}`

export const images = resource({ path: '/images', one: 'an image', many: 'images', rule: rulesOf('image'), updateBy: 'PATCH' })

export const tasks = resource({ path: '/tasks', one: 'a task', many: 'tasks', rule: () => 'tasks_api_access' })
