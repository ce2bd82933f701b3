// A plain API client for tests that drive a listening cloud: logs in from clouds.yaml, knows the services' roots.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export interface Answer {
  status: number
  body: any
  headers: Headers
}

export interface Client {
  projectId: string
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** the answer as it comes: for bodies that are no text */
  send(method: string, path: string, body?: Uint8Array | ReadableStream, headers?: Record<string, string>): Promise<Response>
  /** the same, but an answer that is not 2xx is an error with the answer's text */
  must(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<any>
}

const microversions = { 'openstack-api-version': 'compute 2.90, volume 3.59, placement 1.39', 'x-openstack-nova-api-version': '2.90' }

/** True for the failures of a connection that was refused, reset or broken off: nobody knows what became of the request. */
export const isConnectionLoss = (error: unknown): boolean => error instanceof TypeError && /fetch failed|terminated/.test(error.message)

/** Logs in as one of the clouds in `<dataDir>/clouds.yaml`. */
export async function logIn(dataDir: string, cloud = 'stackling-admin'): Promise<Client> {
  const { auth } = parse(readFileSync(join(dataDir, 'clouds.yaml'), 'utf8')).clouds[cloud]
  const url = new URL(auth.auth_url).origin
  const domain = { name: 'Default' }
  const identity = { methods: ['password'], password: { user: { name: auth.username, password: auth.password, domain } } }
  const answer = await fetch(`${auth.auth_url}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope: { project: { name: auth.project_name, domain } } } }),
  })
  if (answer.status !== 201) throw new Error(`no token: ${answer.status} ${await answer.text()}`)
  const token = answer.headers.get('x-subject-token') ?? ''
  const projectId = ((await answer.json()) as any).token.project.id as string

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const bytes = body instanceof Uint8Array
    const response = await fetch(url + path, {
      method,
      headers: {
        'x-auth-token': token,
        ...microversions,
        ...(body === undefined || bytes ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: bytes ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = (response.headers.get('content-type') ?? '').includes('json') && text !== ''
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
  }
  return {
    projectId,
    call,
    send: (method, path, body, headers) =>
      // `duplex` is what fetch wants to be told of a stream
      fetch(url + path, {
        method,
        headers: { 'x-auth-token': token, ...headers },
        ...(body ? { body, duplex: 'half' } : {}),
      } as RequestInit),
    async must(method, path, body, headers) {
      const got = await call(method, path, body, headers)
      if (got.status >= 300) throw new Error(`${method} ${path}: ${got.status} ${JSON.stringify(got.body)}`)
      return got.body
    },
  }
}
