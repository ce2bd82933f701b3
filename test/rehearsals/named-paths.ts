// The files and folders of the repository that its pages name in code: `src/…`, `test/…`, and sources by the end of their path.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

export interface NamedPath {
  page: string
  path: string
}

export const namedPaths = (): NamedPath[] =>
  globSync(['docs/**/*.md', '*.md'], { cwd: root }).flatMap((page) =>
    pathsOf(readFileSync(join(root, page), 'utf8')).map((path) => ({ page, path })),
  )

/** Blocks are followed instead; what stands for many (`src/<domain>/…`) is nobody's path. */
function pathsOf(text: string): string[] {
  const spans = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
  return spans
    .filter((span) => !/[<*{…]/.test(span))
    .flatMap((span) => [...span.matchAll(/(?<![\w./:~$-])(?:\.\/)?((?:[\w-][\w.-]*\/)+[\w.-]*\w)/g)].map(([, path = '']) => path))
    .filter((path) => /^(src|test|bench|docs)\//.test(path) || /\.(ts|tsv|md|txt)$/.test(path))
}
