// The image that a new cloud offers, remembered by itself: a cloud whose image could not be made (no way to Debian's
// packages, no room) starts without it and gets it later, by a try in the background or at the next start.
import { imageBootstrap } from '../image/index.ts'
import type { Context } from '../platform/context.ts'
import { guestImage, type GuestImage } from './guest-image.ts'
import { settingFetch, settingSet } from './settings.ts'

const doneSetting = 'bootstrap.image'

export interface FirstImageOptions {
  signal?: AbortSignal
  /** instead of Debian's packages: for tests */
  make?: (signal?: AbortSignal) => Promise<GuestImage>
}

/** True when this cloud had its image once, whatever its users did with it since. */
export const hasFirstImage = async (ctx: Context): Promise<boolean> => (await settingFetch(ctx.db, doneSetting)) === 'done'

/** Makes the image and uploads it, once. Rejects with the reason in a line. */
export async function firstImage(
  ctx: Context,
  { signal, make = (until) => guestImage(ctx.config, ctx.log, until) }: FirstImageOptions = {},
): Promise<void> {
  if (await hasFirstImage(ctx)) return
  await imageBootstrap(ctx, await make(signal))
  await settingSet(ctx.db, doneSetting, 'done')
}
