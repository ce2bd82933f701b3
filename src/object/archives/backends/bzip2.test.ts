import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bunzipped } from './bunzip.ts'
import { Bzip2Fault } from './bzip2.ts'

// made by bzip2 -9
const archives = {
  hello: 'QlpoOTFBWSZTWcHAgOIAAAFBAAAQAkSgADDNAMNGKZcXckU4UJDBwIDi',
  nothing: 'QlpoORdyRThQkAAAAAA=',
  // three million zero bytes
  zeros: 'QlpoOTFBWSZTWaZFgLIAFvpACMAAQAAACCAAMMwJqmmpAi2pIEXi7kinChIUyLAWQA==',
  // two archives behind each other: 'one ' and 'two'
  two: 'QlpoOTFBWSZTWc+6oLQAAAGRAEAAAgGgACGaaDNNDLxdyRThQkM+6oLQQlpoOTFBWSZTWc3cjZoAAACBgAAAhIAgACGYGYRhdyRThQkM3cjZoA==',
  // every byte twice
  all:
    'QlpoOTFBWSZTWS9yhSYAAAD/////////////////////////////////////////////sAFgACqqoCYCYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
    'AkwAEwABMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEmAAmAAJgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB/UBQJA0EQV/yDIOhCEoUhaGP/Q1D' +
    'kPRBEUSRNFEVRZF0YRlGkbRxHUeR9IEhSJI0kSVJknShKUqStLEtS5L0wTFMkzTRNU2TdOE5TpO08T1Pk/UBQVCUNRFFUZR1IUlSlLUxTVOU9UFRVJU1UVVV' +
    'lXVhWVaVtXFdV5X1gWFYljWRZVmWdaFpWpa1sW1blvXBcVyXNdF1XZd14Xlel7XxfV+X9gGBYJg2EYVhmHYhiWKYtjGNY5j2QZFkmTZRlWWZdmGZZpm2cZ1n' +
    'mfaBoWiaNpGlaZp2oalqmraxrWua9sGxbJs20bVtm3bhuW6btvG9b5v3AcFwnDcRxXGcdyHJcpy3Mc1znPdB0XSdN1HVdZ13Ydl2nbdx3Xed94HheJ43keV5' +
    'nneh6Xqet7Hte573wfF8nzfR9X2fd+H5fp+38f1/hdyRThQkC9yhSYA=',
  // 200,000 bytes: the squares of 0, 1, 2, … modulo 251
  squares:
    'QlpoOTFBWSZTWfA6SyoAAY5//+6m56yNomwU/jjvbwa1e74IhUp8JCOOA18m6TsoYmogYAZ+AAAAAAAADgAAAAAAAAAAAAAAAAAAAABwAAAAAAAAAAAAAAAA' +
    'AAAAA4AAAAAAAAAAAAAAAAAAAAAcAAAAAAAAAAAAAAAAAAAAAE1VVJoBo9TQNGjEeo0GahoNMTTT1HpPRB6mmAnhTGU2iMaZTan6jNEyhwAAAAAAAAAAAAAA' +
    'AAAAAADcUKm98mhU3KFTqoVOShU86hU8tCp4UKntUKnWQqcihU9OhU89CpqIVOEhUzEKnOQqf0hUx6FTf0KmIhUz0KmTQqaaFTlUKnXQqdNCptIVOIhU10Kn' +
    'GQqfJQqeshUwoVPtoVNJCpzkKmFCpzaFTTQqZqFTkUKm8QqZFCpwkKmBCp1UKmuhU6tCp2PAhU3FCpqIVPfQqcyhU3iFTZQqZyFToIVOUhUwIVMVCprIVOKh' +
    'UykKmUhU6NCp7KFT90Km5QqaCFTHQqddCpzEKm2hU7SFTpoVN0hUz6FT7kKmjQqZSFTMQqYiFTWQqayFTXQqbhCpoUKnAQqaCFT0UKnaQqcdCppUKnSQqYUK' +
    'm6QqaVCploVNlCpiIVNpCpw0KmTQqdRCp3EKnroVOfQqZaFTSoVPhQqbSFTdoVMZCpmIVO+hU3qFTbQqeohU41Cp1kKngoVMdCpkIVM9CpgQqZSFTqUKmihU' +
    'woVP7QqfshU7aFTwoVPvQqf8hU4CFTBQqfMhUwoVOwhUw0KnUQqe4hU7iFTJQqd5Cpv0KneQqayFTFQqdJCp/qFTiIVO+hU16FTGQqdmhUzkKmxQqZKFTLoV' +
    'NFCpsIVN8hU2UKmQhU1UKnsIVMCFT6kKnfQqdBCpgQqb1CptUKnBQqbSFTfIVO3Qqc9CpqIVOXQqaqFTk0KmehUzUKmWhUz0KmihU5tCp3aFTIQqaSFTjoVN' +
    'lCpvkKm2hUxUKnhoVOGhU7qFTJQqaaFTioVNVCp89CpsIVNhCphQqcFCpsoVNyhUzUKn80KnjQqeYhU5yFTuIVP8QqfohUwIVPoQqbSFT0EKmshU+VCp2UKn' +
    'RoVNtCpiIVPpQqeKhUykKmjQqcpCppoVOWhU0qFTZQqbtCp0UKn8IVNZCpjIVNhCpu0KmMhU8SFTOQqc9Cp/4u5IpwoSHgdJZUA=',
}

const archive = (name: keyof typeof archives) => Buffer.from(archives[name], 'base64')

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(bytes: Buffer, size = 11): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of bunzipped(inChunks(bytes, size))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('what bzip2 made comes out as it went in', async () => {
  assert.equal((await read(archive('hello'))).toString(), 'hello\n')
  assert.equal((await read(archive('nothing'))).length, 0)
  assert.equal((await read(archive('two'))).toString(), 'one two')
  assert.ok((await read(archive('zeros'))).equals(Buffer.alloc(3_000_000)))
  assert.ok((await read(archive('all'))).equals(Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256))))
  assert.ok((await read(archive('squares'))).equals(Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * index) % 251))))
})

test('what is no archive, is cut off or changed is a fault', async () => {
  await assert.rejects(read(Buffer.from('hello')), Bzip2Fault)
  await assert.rejects(read(Buffer.alloc(0)), Bzip2Fault)
  const whole = archive('squares')
  await assert.rejects(read(whole.subarray(0, 400)), Bzip2Fault)
  for (const at of [12, 200, 300, whole.length - 3]) {
    const changed = Buffer.from(whole)
    changed[at] = (changed[at] ?? 0) ^ 4
    await assert.rejects(read(changed), Bzip2Fault, `${at}`)
  }
})

test('a reader that stops early ends the thread', async () => {
  for await (const chunk of bunzipped(inChunks(archive('zeros'), 100))) {
    assert.equal(chunk.length, 65_536)
    break
  }
})
