// What those who plant secrets are given. Each domain has a file here; a new one joins the list in canaries.test.ts.
import assert from 'node:assert/strict'
import type { ServerCloud } from '../../support/server-cloud.ts'

export const canary = 'CANARY7f3e'
const versions = { 'openstack-api-version': 'compute 2.90, volume 3.70' }

export class Garden {
  readonly the: ServerCloud
  /** how many were planted */
  planted = 0
  /** made by the cloud and shown once, or in a spelling of their own */
  readonly secrets: string[] = []
  /** of resources that hold secrets */
  readonly ids: string[] = []
  constructor(the: ServerCloud) {
    this.the = the
  }
  /** A secret for this place; one of its own for each, so that a failure says which it was. */
  plant(where: string): string {
    return `${canary}-${where}-${this.planted++}`
  }
  keep(secret: unknown): string {
    assert.ok(typeof secret === 'string' && secret.length > 5, String(secret))
    this.secrets.push(secret)
    return secret
  }
  /** The whole answer, whatever its status. */
  request(method: string, url: string, { body, as, headers }: { body?: unknown; as?: string; headers?: Record<string, string> } = {}) {
    return this.the.cloud.request(method, url, {
      headers: { ...versions, ...headers },
      ...(as === undefined ? {} : { as }),
      ...(body === undefined ? {} : { body }),
    })
  }
  async ask(method: string, url: string, body?: unknown, as = 'admin@p1'): Promise<any> {
    const answer = await this.request(method, url, { as, body })
    assert.ok(answer.status < 300, `${method} ${url}: ${answer.status} ${answer.text}`)
    return answer.body
  }
  async make(url: string, key: string, body: object, as?: string): Promise<string> {
    const { id } = (await this.ask('POST', url, { [key]: body }, as))[key]
    this.ids.push(id)
    return id
  }
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64')
