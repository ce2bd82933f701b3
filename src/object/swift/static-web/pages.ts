// The pages that a container shows as a web site: what lies in it, or that its owner does not want that to be seen. Everything that users
// named is escaped; nothing in a page runs.
import { quoted } from '../path.ts'

export interface PageLook {
  /** what is listed, for title and heading */
  label: string
  /** the href of a style sheet of the owner's; null: ours */
  css: string | null
}

export type PageLine = { subdir: string } | { name: string; bytes: number; contentType: string; lastModified: string }

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

const htmlEscaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities.get(sign) ?? '')

const styles = `   h1 { font-size: 1em; font-weight: bold }
   th { text-align: left; padding: 0 1em }
   td { padding: 0 1em }
   a { text-decoration: none }`

const page = ({ label, css }: PageLook, body: string): string => `<!DOCTYPE html>
<html>
 <head>
  <title>Listing of ${htmlEscaped(label)}</title>
  ${css === null ? `<style>\n${styles}\n  </style>` : `<link rel="stylesheet" type="text/css" href="${htmlEscaped(css)}" />`}
 </head>
 <body>
${body} </body>
</html>
`

/** What lies under a prefix. `query` goes behind every link: a temporary URL's own. */
export function listingPage(
  look: PageLook,
  { lines, hasParent, query = '' }: { lines: PageLine[]; hasParent: boolean; query?: string },
): string {
  const rows = lines.map((line) =>
    'subdir' in line
      ? row('item subdir', { href: `./${linked(line.subdir)}${query}`, text: line.subdir })
      : row(`item ${classesOf(line.contentType)}`, {
          href: `./${linked(line.name)}${query}`,
          text: line.name,
          size: humanBytes(line.bytes),
          date: htmlEscaped(line.lastModified.split('.')[0]?.replace('T', ' ') ?? ''),
        }),
  )
  const parent = hasParent ? [row('item', { href: `../${query}`, text: '../', id: 'parent' })] : []
  const head = `   <tr id="heading">
    <th class="colname">Name</th>
    <th class="colsize">Size</th>
    <th class="coldate">Date</th>
   </tr>
`
  return page(
    look,
    `  <h1 id="title">Listing of ${htmlEscaped(look.label)}</h1>\n  <table id="listing">\n${head}${parent.concat(rows).join('')}  </table>\n`,
  )
}

/** A point is encoded too: a name such as `..` must stay a name. */
const linked = (name: string): string => quoted(name).replaceAll('.', '%2E')

const classesOf = (type: string): string =>
  type
    .split('/')
    .map((part) => `type-${htmlEscaped(part.toLowerCase())}`)
    .join(' ')

interface Row {
  href: string
  text: string
  size?: string
  date?: string
  id?: string
}

const row = (
  classes: string,
  { href, text, size = '&nbsp;', date = '&nbsp;', id }: Row,
): string => `   <tr ${id === undefined ? '' : `id="${id}" `}class="${classes}">
    <td class="colname"><a href="${htmlEscaped(href)}">${htmlEscaped(text)}</a></td>
    <td class="colsize">${size}</td>
    <td class="coldate">${date}</td>
   </tr>
`

/** The owner lets nobody list; `index`: and what should be shown instead is not there. */
export const disabledPage = (look: PageLook, index: string): string =>
  page(
    look,
    `  <h1>Web Listing Disabled</h1>
  <p>The owner of this web site has disabled web listing.</p>
  <p>If you are the owner of this web site, you can enable web listing by setting X-Container-Meta-Web-Listings.</p>
${index === '' ? '' : `  <h1>Index File Not Found</h1>\n  <p>The owner of this web site has set <b>X-Container-Meta-Web-Index: ${htmlEscaped(index)}</b>. However, this file is not found.</p>\n`}`,
  )

const units = 'KMGTPE'

/** 1048576 as 1Mi. */
export function humanBytes(bytes: number): string {
  let value = bytes
  let unit = -1
  for (; value >= 1024 && unit + 1 < units.length; unit++) value = Math.round(value / 1024)
  return unit < 0 ? String(value) : `${value}${units[unit]}i`
}

/** The href of the owner's style sheet, from a page `depth` slashes below the container. */
export function cssHref(css: string, depth: number): string | null {
  if (css === '') return null
  if (/^(?:\/|https?:\/\/)/.test(css)) return quoted(css, '/').replace(/^(https?)%3A/, '$1:')
  return '../'.repeat(depth) + quoted(css)
}
