// Swift's operations, for the OpenAPI document and the tables over all operations. They are answered by the door (swift/), and who may
// is decided by access/: the rule that stands here is what an account's own people need where no access list says more.
import { behindDoor } from '../../platform/api/door.ts'
import type { Method, Operation } from '../../platform/api/operation.ts'

const rules = {
  read: { policy: 'object:reader', orPolicies: ['object:operator', 'object:reseller', 'object:system_reader'] },
  operator: { policy: 'object:operator', orPolicies: ['object:reseller'] },
  reseller: { policy: 'object:reseller' },
}

interface Declared {
  who: keyof typeof rules
  status: number
  summary: string
}

const operation = (method: Method, path: string, { who, ...declared }: Declared): Operation =>
  behindDoor({ method, path, ...rules[who], ...declared })

export const swiftOperations: Operation[] = [
  operation('DELETE', '/:account', { who: 'reseller', status: 204, summary: 'Delete an account, which a reseller does' }),
  operation('GET', '/:account', { who: 'read', status: 200, summary: "Show an account's metadata and list its containers" }),
  operation('HEAD', '/:account', { who: 'read', status: 204, summary: "Show an account's metadata" }),
  operation('POST', '/:account', { who: 'operator', status: 204, summary: "Set or remove an account's metadata" }),
  operation('PUT', '/:account', { who: 'reseller', status: 201, summary: 'Create an account, which a reseller does' }),
  operation('DELETE', '/:account/:container', { who: 'operator', status: 204, summary: 'Delete an empty container' }),
  operation('GET', '/:account/:container', { who: 'read', status: 200, summary: "Show a container's metadata and list its objects" }),
  operation('HEAD', '/:account/:container', { who: 'read', status: 204, summary: "Show a container's metadata" }),
  operation('POST', '/:account/:container', { who: 'operator', status: 204, summary: "Set or remove a container's metadata" }),
  operation('PUT', '/:account/:container', { who: 'operator', status: 201, summary: 'Create a container' }),
  operation('COPY', '/:account/:container/:object', { who: 'operator', status: 201, summary: 'Copy an object' }),
  operation('DELETE', '/:account/:container/:object', { who: 'operator', status: 204, summary: 'Delete an object' }),
  operation('GET', '/:account/:container/:object', { who: 'read', status: 200, summary: "Show an object's content and metadata" }),
  operation('HEAD', '/:account/:container/:object', { who: 'read', status: 200, summary: "Show an object's metadata" }),
  operation('POST', '/:account/:container/:object', { who: 'operator', status: 202, summary: "Set an object's metadata" }),
  operation('PUT', '/:account/:container/:object', { who: 'operator', status: 201, summary: 'Create or replace an object' }),
  behindDoor({ method: 'GET', path: '^/info', policy: null, status: 200, summary: 'What this object storage can do' }),
]
