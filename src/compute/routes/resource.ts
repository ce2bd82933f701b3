// Nova's resources as they are declared: rules by their extension's name, and 200 for what was created.
import { resource, type Act, type ResourceNames } from '../../platform/api/resource.ts'

interface Names extends Omit<ResourceNames, 'rule' | 'path'> {
  /** 'os-keypairs': os_compute_api:os-keypairs:index, …:show, …:create, …:update, …:delete */
  extension: string
  /** '/' and the extension's name when not given */
  path?: string
  /** where the rules have other words than the acts */
  words?: Partial<Record<Act, string>>
}

export const novaResource = ({ extension, path = `/${extension}`, status, words, ...names }: Names) =>
  resource({ ...names, path, status: { create: 200, ...status }, rule: (act) => `os_compute_api:${extension}:${wordOf(act, words)}` })

const wordOf = (act: Act, words: Names['words']): string => words?.[act] ?? (act === 'list' ? 'index' : act)
