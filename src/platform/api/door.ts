// A door: the way into a service that reads its requests by itself, byte by byte as they were sent. The listener's own reading would
// change them: it takes slashes away, decodes, measures parameters, parses bodies. Its operations are declared all the same
// (`behindDoor`), for the OpenAPI document and the tables over all operations.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Platform } from '../context.ts'
import { assert } from '../errors.ts'
import type { Authenticate } from './dispatch.ts'
import type { Operation } from './operation.ts'

export interface DoorParts {
  platform: Platform
  authenticate: Authenticate
}

export interface Door {
  /** '/object': all that is below it, and it itself */
  prefix: string
  /** host names that are all its own, whatever the path */
  ownsHost?(host: string, platform: Platform): boolean
  /**
   * Answers the request. One with `Expect: 100-continue` waits for `response.writeContinue()`. What is thrown is a bug: it is
   * logged, and answered with 500 or, when the answer has begun, by closing the connection.
   */
  handle(request: IncomingMessage, response: ServerResponse, parts: DoorParts): Promise<void>
}

export const doorAt = (doors: Door[], { url = '/', headers }: IncomingMessage, platform: Platform): Door | undefined =>
  doors.find(({ prefix, ownsHost }) => isBelow(url, prefix) || ownsHost?.(headers.host ?? '', platform) === true)

const isBelow = (url: string, prefix: string): boolean =>
  url.startsWith(prefix) && (url.length === prefix.length || url[prefix.length] === '/' || url[prefix.length] === '?')

/** An operation that a door answers. */
export const behindDoor = (declared: Omit<Operation, 'handler'>): Operation => ({
  ...declared,
  stream: true,
  handler: async () => assert(false, `${declared.method} ${declared.path} is answered by its door`),
})
