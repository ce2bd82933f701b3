// What a config drive holds: the OpenStack layout of every version, the EC2 one, and injected files, as a flat map of
// paths. The host makes the ISO of it.
import { ec2Tree, type Tree } from './ec2.ts'
import type { MetadataFacts } from './facts.ts'
import { contentPath, openstackFiles, openstackVersions } from './openstack.ts'
import { table } from '../../platform/table.ts'

/** Path → content, as UTF-8 text. */
export function configDriveFiles(facts: MetadataFacts): Record<string, string> {
  const files: Record<string, string> = table()
  for (const version of openstackVersions) {
    for (const [name, content] of Object.entries(openstackFiles(facts, version))) {
      if (name !== 'password') files[`openstack/${version}/${name}`] = text(content)
    }
  }
  for (const [index, file] of facts.files.entries()) files[`openstack${contentPath(index)}`] = text(file.contents)
  const ec2 = ec2Tree(facts)
  for (const version of ['2009-04-04', 'latest']) {
    files[`ec2/${version}/meta-data.json`] = JSON.stringify(plain(ec2['meta-data'] as Tree))
    if (facts.userData) files[`ec2/${version}/user-data`] = text(facts.userData)
  }
  return files
}

const text = (content: string | Buffer): string => (typeof content === 'string' ? content : content.toString('utf8'))

const plain = (tree: Tree): unknown =>
  Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, typeof value === 'object' && !Buffer.isBuffer(value) ? plain(value) : text(value)]),
  )
