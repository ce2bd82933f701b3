// /domains.
import type { Operation } from '../../platform/api/operation.ts'
import { domainCreate, domainDelete, domainToChange, domainGet, domainProperties, domainsList, domainUpdate } from '../domains.ts'
import { domainsShown } from '../views/projects.ts'
import { operationsOf } from './resource.ts'

export const domainOperations: Operation[] = operationsOf({
  name: 'domain',
  plural: 'domains',
  noun: 'a domain',
  path: '/domains',
  properties: domainProperties,
  shown: domainsShown,
  filters: ['name', 'enabled'],
  list: domainsList,
  create: domainCreate,
  get: domainGet,
  find: domainToChange,
  update: domainUpdate,
  delete: domainDelete,
})
