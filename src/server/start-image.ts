// The guest image of a start: there at once where it lies in the cache or is simulated; else it is made in the background, and
// neither the APIs nor the log-in data wait for Debian's packages. What fails is tried again later.
import { firstImage, hasFirstImage } from './first-image.ts'
import type { Cloud } from './cloud.ts'
import { isGuestImageThere } from './guest-image.ts'
import { tryLater } from './try-later.ts'

export interface StartedImage {
  /** false: it is being made while this returns */
  isDecided: boolean
  /** why there is no image after the first try; null: there is one */
  fault: Promise<string | null>
  /** ends what is under way */
  stop(): Promise<void>
}

/** The image now or, where that takes long or fails, later: the cloud is of use without it. */
export async function startImage(cloud: Cloud): Promise<StartedImage> {
  const { clock, log, config } = cloud.platform
  const stopping = new AbortController()
  let later: { stop(): Promise<void> } | undefined
  const attempt = (signal: AbortSignal) => firstImage(cloud.systemContext(), { signal })
  const firstTry = async (): Promise<string | null> => {
    try {
      await attempt(stopping.signal)
      return null
    } catch (error) {
      if (stopping.signal.aborted) return 'the cloud goes down'
      log.error({ err: error }, 'there is no guest image yet')
      later = tryLater({ what: 'the guest image', clock, log, attempt })
      return (error as Error).message
    }
  }
  const isDecided = isGuestImageThere(config) || (await hasFirstImage(cloud.systemContext()))
  const fault = firstTry()
  if (isDecided) await fault
  return {
    isDecided,
    fault,
    async stop() {
      stopping.abort(new Error('the cloud goes down'))
      await fault
      await later?.stop()
    },
  }
}
