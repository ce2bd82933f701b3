// What a body asks for, before it is held against its schema: read for the question to the policy alone, which Keystone
// puts before it looks at a body. Only texts are taken, and nothing is believed.

/** The texts among the attributes of `{ [key]: { … } }`; none when the body is anything else. */
export function asked(body: unknown, key: string): Record<string, string> {
  const outer = object(body)
  const inner = Object.hasOwn(outer, key) ? object(outer[key]) : {}
  return Object.fromEntries(Object.entries(inner).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
