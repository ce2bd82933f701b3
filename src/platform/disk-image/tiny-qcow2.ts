// The smallest qcow2 image that is really one: a header, its tables and no data. What fake snapshots hand out.
// `qemu-img check` finds nothing wrong with it.

const clusterBits = 14
const clusterBytes = 1 << clusterBits

/** An empty, standalone qcow2 (version 3) of the given virtual size. */
export function tinyQcow2(virtualSizeBytes: number): Buffer {
  const bytesPerL2 = clusterBytes * (clusterBytes / 8)
  const l1Entries = Math.max(1, Math.ceil(virtualSizeBytes / bytesPerL2))
  const l1Clusters = Math.ceil((l1Entries * 8) / clusterBytes)
  const clusters = 3 + l1Clusters
  const image = Buffer.alloc(clusters * clusterBytes)
  image.write('QFI\xfb', 0, 'latin1')
  image.writeUInt32BE(3, 4) // version
  image.writeUInt32BE(clusterBits, 20)
  image.writeBigUInt64BE(BigInt(virtualSizeBytes), 24)
  image.writeUInt32BE(l1Entries, 36)
  image.writeBigUInt64BE(BigInt(3 * clusterBytes), 40) // L1 table
  image.writeBigUInt64BE(BigInt(clusterBytes), 48) // refcount table
  image.writeUInt32BE(1, 56) // its clusters
  image.writeUInt32BE(4, 96) // refcount order: 16 bits
  image.writeUInt32BE(104, 100) // header length
  image.writeBigUInt64BE(BigInt(2 * clusterBytes), clusterBytes) // the only refcount block
  for (let n = 0; n < clusters; n++) image.writeUInt16BE(1, 2 * clusterBytes + n * 2)
  return image
}
