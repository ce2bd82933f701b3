// The table: what is measured, ours, the peer's, the ratio and the bar.
import type { Figures } from './load.ts'

interface Line {
  name: string
  key: string
  unit: string
  /** more is better (a rate), or less is (a time) */
  better: 'more' | 'less'
  /** ours ÷ peer's for rates, peer's ÷ ours for times, at least */
  ratio?: number
  /** an absolute bound, for figures without a peer */
  atMost?: number
}

const lines: Line[] = [
  { name: 'token issue', key: 'token_issue rate', unit: '/s', better: 'more', ratio: 4 },
  { name: 'token validate', key: 'token_validate rate', unit: '/s', better: 'more', ratio: 80 },
  { name: 'network + subnet + port', key: 'net_subnet_port rate', unit: 'sets/s', better: 'more', ratio: 40 },
  { name: 'detail list of 100 servers', key: 'servers_detail_100 rate', unit: '/s', better: 'more', ratio: 50 },
  { name: 'boot of 100 servers', key: 'server_boot_100 all_active', unit: 's', better: 'less', ratio: 50 },
  { name: '50 volumes', key: 'volume_create_50 all_available', unit: 's', better: 'less', ratio: 20 },
  { name: 'image upload', key: 'image_upload rate', unit: 'MB/s', better: 'more', ratio: 1 },
  { name: 'image download', key: 'image_download rate', unit: 'MB/s', better: 'more', ratio: 1 },
  { name: 'ports in bulk', key: 'ports_bulk_create rate', unit: '/s', better: 'more' },
  { name: 'list of 1,000 ports', key: 'ports_list_1000 rate', unit: '/s', better: 'more' },
  { name: 'cold up to first answer', key: 'up cold', unit: 's', better: 'less' },
  { name: 'warm up to first answer', key: 'up warm', unit: 's', better: 'less', atMost: 2 },
  { name: 'idle memory', key: 'idle memory', unit: 'MiB', better: 'less', atMost: 150 },
  { name: 'page of 100 servers, p99 at 100,000 ÷ at 100', key: 'servers page growth', unit: '×', better: 'less', atMost: 2 },
  { name: 'page of 100 ports, p99 at 100,000 ÷ at 100', key: 'ports page growth', unit: '×', better: 'less', atMost: 2 },
  { name: 'the same of servers, as a member', key: 'servers of a member page growth', unit: '×', better: 'less', atMost: 2 },
  { name: 'the same of ports, as a member', key: 'ports of a member page growth', unit: '×', better: 'less', atMost: 2 },
]

/** Prints what was measured; a line whose bar is not held is marked. */
export function printTable({ ours, peer }: { ours: Figures; peer: Figures | null }): void {
  console.log(row(['', 'stackling', 'peer', 'ratio', 'bar', '']))
  for (const line of lines) {
    const mine = ours[line.key]
    if (mine === undefined) continue
    const theirs = peer?.[line.key]
    const ratio = theirs === undefined ? undefined : line.better === 'more' ? mine / theirs : theirs / mine
    const held =
      line.atMost !== undefined ? mine <= line.atMost : line.ratio === undefined || ratio === undefined ? undefined : ratio >= line.ratio
    const bar = line.atMost !== undefined ? `≤ ${line.atMost} ${line.unit}` : line.ratio !== undefined ? `≥ ${line.ratio}×` : ''
    console.log(
      row([
        line.name,
        `${figure(mine)} ${line.unit}`,
        theirs === undefined ? '–' : `${figure(theirs)} ${line.unit}`,
        ratio === undefined ? '–' : `${figure(ratio)}×`,
        bar,
        held === undefined ? '' : held ? 'held' : 'MISSED',
      ]),
    )
  }
}

const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))
const row = (cells: string[]): string => cells.map((cell, index) => cell.padEnd([46, 16, 16, 9, 12, 6][index] ?? 0)).join(' ')
