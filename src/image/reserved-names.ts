// Names that never become a property of an image, by whatever way it is made or changed (F21, G20): Glance's own namespace,
// and its attributes, which other services' metadata would otherwise shadow.
import { forbidden } from '../platform/errors.ts'
import { baseProperties } from './image-schema.ts'

/** Glance's own namespace */
const reservedPrefix = 'os_glance'
const reservedAttributes = new Set(['location', 'deleted', 'deleted_at'])

/** Glance's own attributes; everything else is an additional property. */
export const isAttribute = (name: string): boolean => Object.hasOwn(baseProperties, name)

const isGlances = (name: string): boolean => reservedAttributes.has(name) || name.startsWith(reservedPrefix)

/** What other services leave out of what they carry along from images and volumes. */
export const isReservedName = (name: string): boolean => isGlances(name) || isAttribute(name)

/** Refuses names that are Glance's own, attributes aside. */
export function checkReserved(name: string): void {
  if (isGlances(name)) throw forbidden(`Attribute '${name}' is reserved.`)
}

/** Refuses what may not be an additional property. */
export function checkPropertyNames(names: string[]): void {
  const reserved = names.find(isReservedName)
  if (reserved !== undefined) throw forbidden(`Attribute '${reserved}' is reserved.`)
}
