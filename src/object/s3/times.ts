// Times as S3 says them, out of the rows' microseconds: whole seconds, rounded up as Swift's Last-Modified is, so that both doors and
// both forms show the same one.

const secondMs = (us: number): number => Math.ceil(us / 1_000_000) * 1000

/** 2026-11-30T23:12:01.000Z */
export const isoTime = (us: number): string => new Date(secondMs(us)).toISOString()

/** Mon, 30 Nov 2026 23:12:01 GMT */
export const httpTime = (us: number): string => new Date(secondMs(us)).toUTCString()

/** A date of HTTP in microseconds; undefined when it is none, which is as if it had not been sent. */
export function httpTimeUs(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms * 1000
}

/** Is the row newer than that second? */
export const isModifiedSince = (us: number, sinceUs: number): boolean => secondMs(us) > Math.floor(sinceUs / 1000)
