// `stackling password [USER]`: gives a user of the default domain a new password, asks for no old one, and writes it where the
// files of the data directory have the old one. The way back for whoever lost the admin's.
import { randomBytes, randomInt } from 'node:crypto'
import { writePassword } from '../server/client-files.ts'
import { runningCloud } from './admin-client.ts'
import { Complaint } from './complaint.ts'
import { dataDir } from './data-dir.ts'

const passwordBytes = 12
const timeoutMs = 30_000

/** Hard to guess, and with a letter of each case, a digit and a sign: what rules for passwords (`password_regex`) usually ask for. */
export const newPassword = (): string =>
  `${randomBytes(passwordBytes).toString('base64url')}-${pick('abcdefghijkmnpqrstuvwxyz')}${pick('ABCDEFGHJKLMNPQRSTUVWXYZ')}${pick('23456789')}`

const pick = (letters: string): string => letters.charAt(randomInt(letters.length))

export async function password(user: string, options: { data?: string }): Promise<number> {
  const dir = dataDir(options.data)
  const client = await runningCloud(dir)
  const { users } = (await client.get(`/identity/v3/users?domain_id=default&name=${encodeURIComponent(user)}`)) as {
    users: { id: string }[]
  }
  const [found] = users
  if (!found) throw new Complaint(`there is no user ${user} in the domain Default`)
  const wanted = newPassword()
  await client.patch(`/identity/v3/users/${found.id}`, { user: { password: wanted } }, timeoutMs)
  const isWritten = writePassword(dir.path, user, wanted)
  console.log(`the new password of ${user}: ${wanted}`)
  if (isWritten) console.log(`it stands in ${dir.cloudsYaml}`)
  return 0
}
