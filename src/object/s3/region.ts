// Where this door says that it is.
import type { Platform } from '../../platform/context.ts'

/** The region that this door calls its own; signatures may name any. */
export const regionOf = ({ config }: Platform): string => config.object.s3Region ?? config.region
