// What is written beside a volume's file: its size, its snapshots and what they are called in it.

/** volume.json: written when the volume is whole, so that its presence means that the volume exists. */
export interface VolumeFacts {
  sizeGib: number
  snapshotIds: string[]
  attachmentId: string | null
  /** what snapshots are called in the file that were taken over, by id: a name in a file cannot be changed */
  names?: Record<string, string>
  /** the file that it was copied from, as long as that has not been removed */
  from?: string
}

/** What a snapshot is called in the volume's file. */
export const nameInFile = ({ names }: Pick<VolumeFacts, 'names'>, snapshotId: string): string => names?.[snapshotId] ?? snapshotId

export function withoutSnapshot({ names = {}, ...facts }: VolumeFacts, snapshotId: string): VolumeFacts {
  const { [snapshotId]: _gone, ...left } = names
  return {
    ...facts,
    snapshotIds: facts.snapshotIds.filter((id) => id !== snapshotId),
    ...(Object.keys(left).length > 0 ? { names: left } : {}),
  }
}
