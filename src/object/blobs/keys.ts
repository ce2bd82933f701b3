// Whose key wraps a blob's: nobody's, the root key of the data directory, or a customer's, who sends it with each request.
import type { Platform } from '../../platform/context.ts'
import { ObjectRefusal } from '../refusal.ts'
import type { BlobKey } from '../store/tables.ts'
import { rootKeyRead } from './backends/root-key.ts'
import { asWrappingKey, blobKeyMake, blobKeyOpen, WrongKey, type NewKey } from './encryption.ts'

export type Encryption = 'root' | { customerKey: Buffer } | undefined

export class BlobKeys {
  #platform: Platform
  #root: Promise<Buffer> | null = null

  constructor(platform: Platform) {
    this.#platform = platform
  }

  #rootKey(): Promise<Buffer> {
    const { config, ids } = this.#platform
    this.#root ??= rootKeyRead(config.dataDir, (count) => ids.bytes(count))
    this.#root.catch(() => (this.#root = null))
    return this.#root
  }

  /** For a new blob; null: it stays in the clear. */
  async make(encryption: Encryption): Promise<NewKey | null> {
    const { config, ids } = this.#platform
    const random = (count: number) => ids.bytes(count)
    if (typeof encryption === 'object') return blobKeyMake('customer', asWrappingKey(encryption.customerKey), random)
    if (encryption === 'root' || config.object.encryption) return blobKeyMake('root', await this.#rootKey(), random)
    return null
  }

  /** Of a blob that is read; throws ObjectRefusal 'bad-key'. */
  async open(key: BlobKey | null, customerKey: Buffer | undefined): Promise<Buffer | null> {
    if (!key) return null
    const wrapping = key.how === 'root' ? await this.#rootKey() : customerKey && asWrappingKey(customerKey)
    if (!wrapping) throw new ObjectRefusal('bad-key')
    try {
      return blobKeyOpen(key, wrapping)
    } catch (error) {
      throw error instanceof WrongKey ? new ObjectRefusal('bad-key') : error
    }
  }
}
