// "Given or absent" in one word: members that are undefined are left out, as exactOptionalPropertyTypes and JSON want it.

/** The type of an object whose undefined members were left out: what may be undefined is optional. */
export type Defined<Members> = { [Name in keyof Members as undefined extends Members[Name] ? never : Name]: Members[Name] } & {
  [Name in keyof Members as undefined extends Members[Name] ? Name : never]?: Exclude<Members[Name], undefined>
}

/** The object without its undefined members: `{ id, ...defined({ name, size }) }`. */
export const defined = <Members extends object>(members: Members): Defined<Members> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<Members>
