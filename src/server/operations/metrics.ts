// What operators' monitoring reads, in the text format of Prometheus: differences that the last fsck found, by kind, and
// work by its state.
import type { Context } from '../../platform/context.ts'
import type { Check } from '../../platform/fsck/check.ts'
import { itemsCount } from '../../platform/work/items.ts'
import { fsckLast } from './fsck.ts'

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

interface Metric {
  name: string
  help: string
  samples: { labels?: Record<string, string>; value: number }[]
}

export async function metricsText(ctx: Context, checks: Check[]): Promise<string> {
  const last = await fsckLast(ctx)
  const states = await itemsCount(ctx.db)
  const metrics: Metric[] = [
    {
      name: 'stackling_work_items', help: 'Durable work by its state; dead work waits for a person.',
      samples: (['ready', 'running', 'dead'] as const).map((state) => ({ labels: { state }, value: states.get(state) ?? 0 })),
    },
    ...(last === null ? [] : [
      {
        name: 'stackling_fsck_differences', help: 'Differences between rows and what is real, and among rows, that the last fsck found.',
        samples: checks.map(({ name, invariant }) => ({ labels: { check: name, invariant: String(invariant) }, value: last.counts[name] ?? 0 })),
      },
      { name: 'stackling_fsck_unchecked', help: 'Checks of hosts that the last fsck could not make.', samples: [{ value: last.unchecked.length }] },
      { name: 'stackling_fsck_last_run_timestamp_seconds', help: 'When the last fsck ended.', samples: [{ value: Date.parse(last.endedAt) / 1000 }] },
      { name: 'stackling_fsck_last_run_duration_seconds', help: 'How long the last fsck took.', samples: [{ value: (Date.parse(last.endedAt) - Date.parse(last.startedAt)) / 1000 }] },
    ]),
  ]
  return metrics.flatMap(lines).join('')
}

const lines = ({ name, help, samples }: Metric): string[] => [
  `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`,
  ...samples.map(({ labels, value }) => `${name}${labels === undefined ? '' : labelsText(labels)} ${value}\n`),
]

const labelsText = (labels: Record<string, string>): string => `{${Object.entries(labels).map(([name, value]) => `${name}="${value}"`).join(',')}}`
