// What Keystone once had for PKI tokens, and answers with 410 since.
import { operation, type Operation } from '../../platform/api/operation.ts'
import { ApiError } from '../../platform/errors.ts'

const gone = (path: string, summary: string): Operation =>
  operation({
    method: 'GET',
    path,
    summary,
    policy: null,
    status: 200,
    async handler() {
      throw new ApiError('gone', 'This API is no longer available due to the removal of support for PKI tokens.')
    },
  })

export const goneOperations: Operation[] = [
  gone('/OS-SIMPLE-CERT/ca', 'The certificate of PKI tokens: gone'),
  gone('/OS-SIMPLE-CERT/certificates', 'The certificates of PKI tokens: gone'),
  gone('/auth/tokens/OS-PKI/revoked', 'The list of revoked PKI tokens: gone'),
]
