// What operators call accounts, containers and objects: `AUTH_<project>/container/object`, the same without the account, or a bare name.
// The id under which the timeline has them is account/container/object, the account being a project's id.
import type { Context } from '../platform/context.ts'
import type { Called } from '../platform/store/called.ts'
import { storeOfObjects } from './blobs/store-of-objects.ts'
import { accountIs, containersNamed, isTold, objectsNamed, projectOf } from './store/called.ts'

const kinds = ['account', 'container', 'object'] as const

export async function objectsCalled({ platform }: Context, word: string): Promise<Called[]> {
  const db = storeOfObjects(platform)
  const path = word.replace(/^\/?(v1\/)?(AUTH_)?/, '')
  const [first = '', container = '', ...rest] = path.split('/')
  const object = rest.join('/')
  const isAccount = await accountIs(db, first)
  // by its account, also when it is gone: then its timeline alone knows it
  if ((isAccount && container === '') || ((isAccount || word.includes('AUTH_')) && (await isTold(db, path)))) {
    const kind = kinds[Math.min(path.split('/').length, kinds.length) - 1] ?? 'account'
    return [{ type: kind, id: path, name: object || container || first, projectId: projectOf(first) }]
  }
  const below = container === '' ? [] : await objectsNamed(db, path.slice(first.length + 1), first)
  return [...(await containersNamed(db, word)), ...(await objectsNamed(db, word)), ...below]
}
