import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure } from './relay.ts'
import { createResolvers, resolversOf } from './resolvers.ts'

test('first use 7: the machine’s resolvers are the first three addresses of its file; none is none', () => {
  assert.deepEqual(
    resolversOf(
      '# x\nsearch a.b\n nameserver 127.0.0.53\nnameserver\tfe80::1%eth0\nnameserver nonsense\nnameserver 9.9.9.9\nnameserver 1.1.1.1\n',
    ),
    ['127.0.0.53', 'fe80::1%eth0', '9.9.9.9'],
  )
  assert.deepEqual(resolversOf(''), [])
  assert.deepEqual(createResolvers('/nonexistent/resolv.conf')(), [])
})

test('first use 7: a question that nobody answers comes back as a failure of the server', () => {
  const question = Buffer.from('123401000001000000000000', 'hex')
  assert.equal(failure(question).toString('hex'), '123481820001000000000000')
})
