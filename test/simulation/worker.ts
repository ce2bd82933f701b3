// A process that judges the seeds which simulate.ts hands it, one at a time, until it hands it no more.
import { judge, type Judging } from './judge.ts'

const about = JSON.parse(process.argv[2] ?? '') as Judging

process.on('message', (seed: number) => {
  judge(seed, about).then(
    (verdict) => process.send?.(verdict),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.once('disconnect', () => process.exit(0))
