// Readers of single settings: each gives what the configuration holds, or throws what the value must be.

export type Read = (value: unknown) => unknown

/** A setting of a group: where it is kept, and how it is read. */
export interface Option<Settings> {
  setting: keyof Settings
  read: Read
}

/** A whole number; `unit` is what one of them is in the configuration's own measure. */
export const number =
  (least: number, most: number, unit = 1): Read =>
  (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
      throw new Error(`a whole number from ${least} to ${most}`)
    return value * unit
  }

export const orNull =
  (read: Read): Read =>
  (value) =>
    value === null ? null : read(value)

export const flag: Read = (value) => {
  if (typeof value !== 'boolean') throw new Error('true or false')
  return value
}

export const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

interface GroupRead<Settings> {
  group: string
  options: Record<string, Option<Settings>>
  /** told what is wrong; throws */
  wrong(what: string): never
}

/** Sets in `set` what the group of the file says. */
export function groupRead<Settings extends object>(
  set: Partial<Settings>,
  values: unknown,
  { group, options, wrong }: GroupRead<Settings>,
): void {
  if (!isGroup(values)) return wrong(`there is no group of settings '${group}'`)
  for (const [name, value] of Object.entries(values)) {
    const known = Object.hasOwn(options, name) ? options[name] : undefined
    if (!known) return wrong(`there is no setting '${name}' in the group '${group}'`)
    try {
      Object.assign(set, { [known.setting]: known.read(value) })
    } catch (error) {
      wrong(`'${name}' in the group '${group}' must be ${(error as Error).message}`)
    }
  }
}
