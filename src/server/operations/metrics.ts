// What operators' monitoring reads, in the text format of Prometheus: differences that the last fsck found, by kind, and
// work by its state.
import type { Context } from '../../platform/context.ts'
import type { Check } from '../../platform/fsck/check.ts'
import { loginFigures } from '../../identity/index.ts'
import { blobsStatus } from '../../object/index.ts'
import { loopFigures } from '../../platform/loop-watch.ts'
import { itemsCount } from '../../platform/work/items.ts'
import { fullBytes, roomOf } from '../room.ts'
import { fsckLast } from './fsck.ts'

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

interface Metric {
  name: string
  help: string
  /** 'gauge' when missing */
  type?: 'counter' | 'gauge'
  samples: { labels?: Record<string, string>; value: number }[]
}

export async function metricsText(ctx: Context, checks: Check[]): Promise<string> {
  const last = await fsckLast(ctx)
  const states = await itemsCount(ctx.db)
  const metrics: Metric[] = [
    {
      name: 'stackling_work_items',
      help: 'Durable work by its state; dead work waits for a person.',
      samples: (['ready', 'running', 'dead'] as const).map((state) => ({ labels: { state }, value: states.get(state) ?? 0 })),
    },
    ...loginMetrics(ctx),
    ...loopMetrics(ctx),
    ...roomMetrics(ctx),
    ...(await objectMetrics(ctx)),
    ...(last === null
      ? []
      : [
          {
            name: 'stackling_fsck_differences',
            help: 'Differences between rows and what is real, and among rows, that the last fsck found.',
            samples: checks.map(({ name, invariant }) => ({
              labels: { check: name, invariant: String(invariant) },
              value: last.counts[name] ?? 0,
            })),
          },
          {
            name: 'stackling_fsck_unchecked',
            help: 'Checks of hosts that the last fsck could not make.',
            samples: [{ value: last.unchecked.length }],
          },
          {
            name: 'stackling_fsck_last_run_timestamp_seconds',
            help: 'When the last fsck ended.',
            samples: [{ value: Date.parse(last.endedAt) / 1000 }],
          },
          {
            name: 'stackling_fsck_last_run_duration_seconds',
            help: 'How long the last fsck took.',
            samples: [{ value: (Date.parse(last.endedAt) - Date.parse(last.startedAt)) / 1000 }],
          },
        ]),
  ]
  return metrics.flatMap(lines).join('')
}

function loopMetrics({ caches }: Context): Metric[] {
  const { holds, longestMs } = loopFigures(caches)
  return [
    {
      name: 'stackling_loop_holds_total',
      type: 'counter',
      help: 'How often something kept this process from everything else for more than 200 ms; the log says when.',
      samples: [{ value: holds }],
    },
    { name: 'stackling_loop_longest_hold_seconds', help: 'The longest of them.', samples: [{ value: longestMs / 1000 }] },
  ]
}

function loginMetrics(ctx: Context): Metric[] {
  const { accepted, refused, limited, pending, hashesWaiting } = loginFigures(ctx.platform)
  return [
    {
      name: 'stackling_logins_total',
      type: 'counter',
      help: 'Logins of this process by what became of them; limited: too many of one address at once.',
      samples: Object.entries({ accepted, refused, limited }).map(([result, value]) => ({ labels: { result }, value })),
    },
    {
      name: 'stackling_logins_pending',
      help: 'Logins that are under way, failures that wait to be answered among them.',
      samples: [{ value: pending }],
    },
    { name: 'stackling_password_hashes_waiting', help: 'Password hashes that wait for their turn.', samples: [{ value: hashesWaiting }] },
  ]
}

async function objectMetrics({ platform }: Context): Promise<Metric[]> {
  const { rotten, full } = await blobsStatus(platform)
  return [
    {
      name: 'stackling_object_rotten_blobs',
      help: 'Blobs of object storage that are not what was written; they are in quarantine.',
      samples: [{ value: rotten }],
    },
    {
      name: 'stackling_object_full',
      help: 'Object storage takes nothing more in, so that others have room on the disk.',
      samples: [{ value: full ? 1 : 0 }],
    },
  ]
}

function roomMetrics({ config }: Context): Metric[] {
  const { freeBytes, totalBytes } = roomOf(config.dataDir)
  return [
    {
      name: 'stackling_data_free_bytes',
      help: 'Room that is left under the data directory; guests that write are paused when there is none.',
      samples: [{ value: freeBytes }],
    },
    { name: 'stackling_data_size_bytes', help: 'Size of the file system under the data directory.', samples: [{ value: totalBytes }] },
    {
      name: 'stackling_data_full',
      help: '1 when the file system under the data directory is full.',
      samples: [{ value: freeBytes < fullBytes ? 1 : 0 }],
    },
  ]
}

const lines = ({ name, help, type = 'gauge', samples }: Metric): string[] => [
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`,
  ...samples.map(({ labels, value }) => `${name}${labels === undefined ? '' : labelsText(labels)} ${value}\n`),
]

const labelsText = (labels: Record<string, string>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`
