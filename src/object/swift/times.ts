// A moment, in microseconds, as Swift's headers and listings write it.

/** X-Timestamp: seconds with five decimals, sixteen signs at least. */
export function timestampText(us: number): string {
  const seconds = Math.floor(us / 1_000_000)
  const fraction = Math.floor((us - seconds * 1_000_000) / 10)
  return `${seconds}.${String(fraction).padStart(5, '0')}`.padStart(16, '0')
}

/** Last-Modified: whole seconds, rounded up, so that nothing changes after the time that is told. */
export const lastModifiedSeconds = (us: number): number => Math.ceil(us / 1_000_000)
export const lastModifiedText = (us: number): string => httpDate(lastModifiedSeconds(us))

export const httpDate = (seconds: number): string => new Date(seconds * 1000).toUTCString()

/** A listing's last_modified: six decimals, no zone. */
export function isoText(us: number): string {
  const ms = Math.floor(us / 1000)
  return `${new Date(ms).toISOString().slice(0, -1)}${String(us - ms * 1000).padStart(3, '0')}`
}

/** Seconds of an HTTP date; null when it is none. */
export function httpDateSeconds(text: string | undefined): number | null {
  if (text === undefined || text.length > 64) return null
  const ms = Date.parse(text)
  return Number.isFinite(ms) && /[A-Za-z]/.test(text) ? Math.floor(ms / 1000) : null
}
