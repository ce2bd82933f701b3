// Writes a small ISO 9660 image with Joliet names (the config drive): files in memory in, one Buffer out, the same
// bytes for the same content. No permissions, no links, names up to 64 characters, which is what cloud-init needs.

const sectorBytes = 2048
const firstSector = 16
/** As genisoimage pads: readers look beyond a small image's end (busybox's findfs gives up on one under 68 KiB). */
const paddingSectors = 150

interface Directory {
  name: string
  parent: Directory | null
  directories: Directory[]
  files: { name: string; content: Buffer; sector: number }[]
}

/** One of the two trees: the plain one that the standard asks for, and Joliet's with the real names. */
interface Tree {
  encode: (name: string, n: number, isFile: boolean) => Buffer
  sectors: Map<Directory, number>
  sizes: Map<Directory, number>
  pathTable: { little: number; big: number; bytes: number }
}

/** The image of a volume labelled `label` that holds `files` (path → content). */
export function isoImage(label: string, files: Record<string, string | Buffer>): Buffer {
  const root = directoryTree(files)
  const directories = breadthFirst(root)
  const trees: Tree[] = [plainName, jolietName].map((encode) => ({
    encode,
    sectors: new Map(),
    sizes: new Map(),
    pathTable: { little: 0, big: 0, bytes: 0 },
  }))

  let next = firstSector + 3
  const reserve = (bytes: number) => {
    const at = next
    next += Math.max(1, Math.ceil(bytes / sectorBytes))
    return at
  }
  for (const tree of trees) {
    for (const directory of directories) tree.sizes.set(directory, directorySize(directory, tree))
    const bytes = pathTable(directories, tree, 'LE').length
    tree.pathTable = { little: reserve(bytes), big: reserve(bytes), bytes }
    for (const directory of directories) tree.sectors.set(directory, reserve(tree.sizes.get(directory) ?? 0))
  }
  for (const file of directories.flatMap((directory) => directory.files)) file.sector = reserve(file.content.length)

  next += paddingSectors
  const image = Buffer.alloc(next * sectorBytes)
  const put = (sector: number, content: Buffer) => void content.copy(image, sector * sectorBytes)
  for (const [n, tree] of trees.entries()) {
    put(firstSector + n, volumeDescriptor({ label, root, tree, sectors: next, joliet: n === 1 }))
    put(tree.pathTable.little, pathTable(directories, tree, 'LE'))
    put(tree.pathTable.big, pathTable(directories, tree, 'BE'))
    for (const directory of directories) put(tree.sectors.get(directory) ?? 0, directoryContent(directory, tree))
  }
  put(firstSector + 2, Buffer.from('\xffCD001\x01', 'latin1'))
  for (const file of directories.flatMap((directory) => directory.files)) put(file.sector, file.content)
  return image
}

function directoryTree(files: Record<string, string | Buffer>): Directory {
  const root: Directory = { name: '', parent: null, directories: [], files: [] }
  for (const path of Object.keys(files).sort()) {
    const parts = path.split('/').filter((part) => part !== '')
    const name = parts.pop()
    if (name === undefined || [...parts, name].some((part) => part.length > 64 || part === '..'))
      throw new Error(`not a path for a config drive: ${path}`)
    let at = root
    for (const part of parts) {
      const inside = at.directories.find((directory) => directory.name === part)
      const next: Directory = inside ?? { name: part, parent: at, directories: [], files: [] }
      if (!inside) at.directories.push(next)
      at = next
    }
    at.files.push({ name, content: Buffer.from(files[path] ?? ''), sector: 0 })
  }
  return root
}

function breadthFirst(root: Directory): Directory[] {
  const all = [root]
  for (const directory of all) all.push(...directory.directories)
  return all
}

const jolietName = (name: string) => Buffer.from(name, 'utf16le').swap16()

/** Upper case and short; a number keeps names apart that would become the same. */
function plainName(name: string, n: number, isFile: boolean): Buffer {
  const short = name
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .slice(0, 20)
  return Buffer.from(isFile ? `${short}${n}.;1` : `${short}${n}`, 'latin1')
}

const both32 = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(value, 0)
  bytes.writeUInt32BE(value, 4)
  return bytes
}

function record(name: Buffer, of: { sector: number; bytes: number; isDirectory: boolean }): Buffer {
  const length = 33 + name.length + (name.length % 2 === 0 ? 1 : 0)
  const bytes = Buffer.alloc(length)
  bytes[0] = length
  both32(of.sector).copy(bytes, 2)
  both32(of.bytes).copy(bytes, 10)
  Buffer.from([100, 1, 1, 0, 0, 0, 0]).copy(bytes, 18) // 2000-01-01: the content alone decides the bytes
  bytes[25] = of.isDirectory ? 2 : 0
  Buffer.from([1, 0, 0, 1]).copy(bytes, 28)
  bytes[32] = name.length
  name.copy(bytes, 33)
  return bytes
}

function records(directory: Directory, tree: Tree): Buffer[] {
  const at = (of: Directory) => ({ sector: tree.sectors.get(of) ?? 0, bytes: tree.sizes.get(of) ?? 0, isDirectory: true })
  const inside = [
    ...directory.directories.map((each, n) => ({ name: tree.encode(each.name, n, false), ...at(each) })),
    ...directory.files.map((file, n) => ({
      name: tree.encode(file.name, n, true),
      sector: file.sector,
      bytes: file.content.length,
      isDirectory: false,
    })),
  ].sort((a, b) => Buffer.compare(a.name, b.name))
  const self = record(Buffer.from([0]), at(directory))
  const parent = record(Buffer.from([1]), at(directory.parent ?? directory))
  return [self, parent, ...inside.map(({ name, ...of }) => record(name, of))]
}

/** A record never crosses a sector's end. */
function directoryContent(directory: Directory, tree: Tree): Buffer {
  const parts: Buffer[] = []
  let used = 0
  for (const each of records(directory, tree)) {
    const left = sectorBytes - (used % sectorBytes)
    if (each.length > left) {
      parts.push(Buffer.alloc(left))
      used += left
    }
    parts.push(each)
    used += each.length
  }
  return Buffer.concat(parts)
}

const directorySize = (directory: Directory, tree: Tree) => Math.ceil(directoryContent(directory, tree).length / sectorBytes) * sectorBytes

function pathTable(directories: Directory[], tree: Tree, order: 'LE' | 'BE'): Buffer {
  const number = new Map(directories.map((directory, n) => [directory, n + 1]))
  return Buffer.concat(
    directories.map((directory) => {
      const n = directory.parent?.directories.indexOf(directory) ?? 0
      const name = directory.parent ? tree.encode(directory.name, n, false) : Buffer.from([0])
      const bytes = Buffer.alloc(8 + name.length + (name.length % 2))
      bytes[0] = name.length
      const sector = tree.sectors.get(directory) ?? 0
      const parent = number.get(directory.parent ?? directory) ?? 1
      if (order === 'LE') {
        bytes.writeUInt32LE(sector, 2)
        bytes.writeUInt16LE(parent, 6)
      } else {
        bytes.writeUInt32BE(sector, 2)
        bytes.writeUInt16BE(parent, 6)
      }
      name.copy(bytes, 8)
      return bytes
    }),
  )
}

function volumeDescriptor(of: { label: string; root: Directory; tree: Tree; sectors: number; joliet: boolean }): Buffer {
  const { tree, joliet } = of
  const bytes = Buffer.alloc(sectorBytes)
  const text = (value: string, start: number, length: number) => {
    const encoded = joliet ? jolietName(value.padEnd(Math.floor(length / 2))) : Buffer.from(value.padEnd(length), 'latin1')
    encoded.copy(bytes, start, 0, length)
  }
  bytes[0] = joliet ? 2 : 1
  bytes.write('CD001\x01', 1, 'latin1')
  text('', 8, 32)
  text(of.label, 40, 32)
  both32(of.sectors).copy(bytes, 80)
  if (joliet) bytes.write('%/E', 88, 'latin1')
  Buffer.from([1, 0, 0, 1]).copy(bytes, 120)
  Buffer.from([1, 0, 0, 1]).copy(bytes, 124)
  bytes.writeUInt16LE(sectorBytes, 128)
  bytes.writeUInt16BE(sectorBytes, 130)
  both32(tree.pathTable.bytes).copy(bytes, 132)
  bytes.writeUInt32LE(tree.pathTable.little, 140)
  bytes.writeUInt32BE(tree.pathTable.big, 148)
  const root = { sector: tree.sectors.get(of.root) ?? 0, bytes: tree.sizes.get(of.root) ?? 0, isDirectory: true }
  record(Buffer.from([0]), root).copy(bytes, 156)
  for (const [start, length] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const)
    text('', start, length)
  for (const start of [813, 830, 847, 864]) bytes.write('0'.repeat(16), start, 'latin1')
  bytes[881] = 1
  return bytes
}
