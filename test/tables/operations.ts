// Every declared operation of every service, one row a full path: what the tables of this folder run over.
import { domains } from '../../src/server/domains.ts'
import { fullPaths } from '../../src/platform/api/route-table.ts'
import type { Operation, Service } from '../../src/platform/api/operation.ts'

export interface OperationRow {
  service: Service
  operation: Operation
  /** '/compute/v2.1/servers/:id' */
  path: string
  /** unique: 'POST /compute/v2.1/servers/:id/action reboot [2.1–]' */
  name: string
}

export function allOperations(): OperationRow[] {
  return domains
    .flatMap((domain) => domain.services)
    .flatMap((service) =>
      service.operations.flatMap((operation) =>
        fullPaths(service, operation).map((path) => {
          const range = operation.versions ? ` [${operation.versions[0] ?? ''}–${operation.versions[1] ?? ''}]` : ''
          return { service, operation, path, name: `${operation.method} ${path}${operation.action ? ` ${operation.action}` : ''}${range}` }
        }),
      ),
    )
}

/** Their requests have no body. */
export const isBodyless = ({ method }: Operation): boolean => ['GET', 'HEAD', 'COPY'].includes(method)

/** The headers that make this very operation be chosen among those of its path. */
export function versionHeaders({ service, operation }: OperationRow): Record<string, string> {
  // without one it is no copy
  if (operation.method === 'COPY') return { destination: 'x/copy' }
  if (!service.microversions) return {}
  const version = operation.versions?.[1] ?? service.microversions.max
  const lowest = operation.versions?.[0] ?? service.microversions.min
  const known = compare(version, service.microversions.max) > 0 ? service.microversions.max : version
  return { 'openstack-api-version': `${service.microversions.service} ${compare(known, lowest) < 0 ? lowest : known}` }
}

/** The same by the lowest microversion that it has. */
export function lowestHeaders({ service, operation }: OperationRow): Record<string, string> {
  if (!service.microversions) return {}
  return { 'openstack-api-version': `${service.microversions.service} ${operation.versions?.[0] ?? service.microversions.min}` }
}

function compare(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}

/** The path with every parameter replaced. */
export const fillPath = (path: string, value: (parameter: string) => string): string =>
  path.replace(/:(\w+)/g, (_all, parameter: string) => encodeURIComponent(value(parameter))).replace('*', 'x')

export const absentId = '00000000-0000-4000-8000-000000000000'
