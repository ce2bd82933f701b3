// What a new field takes, end to end, of each resource: the table, the row, what a request may say, what is written, what is shown.
// The field is a colour.
import type { Instruction } from './rehearse.ts'

export interface FieldRecipe {
  resource: string
  /** where one is made, and the answer's key */
  url: string
  key: string
  body: Record<string, unknown>
  edits: Instruction[]
}

const after = (path: string, text: string, content: string): Instruction => ({ path, content, place: { how: 'after', text } })

const migration = (domain: string, table: string): Instruction => ({
  path: `src/${domain}/store/migrations/0901-colour-of-${table.replaceAll('_', '-')}.ts`,
  content: `// The colour of ${table}.
import type { Kysely } from 'kysely'

export async function colour(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable('${table}').addColumn('colour', 'text').execute()
}`,
})

/** A resource of the network: its attribute table reads the field, so that its schema and its policy know of it too. */
function ofNetwork(resource: string, { folder, row, written }: { folder: string; row: string; written: string }): FieldRecipe {
  const plural = folder.replaceAll('-', '_')
  return {
    resource,
    url: `/network/v2.0/${folder}`,
    key: resource.replaceAll(' ', '_'),
    body: { name: 'x' },
    edits: [
      migration('network', plural),
      after('src/network/store/tables.ts', `export interface ${row} extends StandardRow {`, '  colour?: string | null | undefined'),
      after(
        `src/network/${folder}/attributes.ts`,
        "  name: settable(text(255), { default: '' }),",
        '  colour: settable(orNull(text(255)), { default: undefined }),',
      ),
      {
        path: `src/network/${folder}/${folder}.ts`,
        content: `${written} colour: values.colour,`,
        place: { how: 'instead of', text: written },
      },
      after(`src/network/${folder}/view.ts`, 'name: row.name,', '  colour: row.colour,'),
    ],
  }
}

export const fieldRecipes: FieldRecipe[] = [
  {
    resource: 'server',
    url: '/compute/v2.1/servers',
    key: 'server',
    body: { name: 'x' },
    edits: [
      migration('compute', 'servers'),
      after('src/compute/servers/store/servers.ts', '  description: string | null', '  colour?: string | null | undefined'),
      after('src/compute/servers/store/list.ts', 'const listed = [', "  'colour',"),
      after('src/compute/servers/create/body.routes.ts', "...(since('2.19') ? { description } : {}),", '    colour: name,'),
      after('src/compute/servers/create/body.routes.ts', 'kept: {', '      colour: server.colour ?? null,'),
      after('src/compute/servers/views/servers.ts', "server['description'] = row.description", "  server['colour'] = row.colour"),
    ],
  },
  ofNetwork('port', { folder: 'ports', row: 'PortRow', written: '...standardRow(tx, values),' }),
  ofNetwork('router', { folder: 'routers', row: 'RouterRow', written: '...standardRow(tx, values),' }),
  ofNetwork('security group', { folder: 'security-groups', row: 'SecurityGroupRow', written: '...standardRow(tx, values),' }),
  ofNetwork('network', { folder: 'networks', row: 'NetworkRow', written: '...standardRow(tx, values),' }),
  {
    resource: 'keypair',
    url: '/compute/v2.1/os-keypairs',
    key: 'keypair',
    body: { name: 'x', public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHpUpZb1MkDvfCwKQHu1hJnBCtZwHLxP4l1vBvVTnTRj me' },
    edits: [
      migration('compute', 'keypairs'),
      after('src/compute/keypairs/store.ts', 'export interface KeypairRow {', '  colour: string | null'),
      {
        path: 'src/compute/keypairs/routes.ts',
        content: 'object({ name, colour: name, type,',
        place: { how: 'instead of', text: 'object({ name, type,' },
      },
      after('src/compute/keypairs/routes.ts', 'publicKey: wanted.public_key,', '        colour: wanted.colour ?? null,'),
      after('src/compute/keypairs/keypairs.ts', 'publicKey: string | undefined', '  colour: string | null'),
      after('src/compute/keypairs/keypairs.ts', 'name: wanted.name,', '    colour: wanted.colour,'),
      after('src/compute/keypairs/view.ts', '  name: row.name,', '  colour: row.colour,'),
    ],
  },
]
