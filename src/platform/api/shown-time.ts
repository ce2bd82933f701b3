// Times that come back in a query. Rows keep milliseconds and most answers show whole seconds: a client that sends back
// what it was shown must find the row again, so a time without a fraction stands for its whole second.

export interface Moments {
  firstMs: number
  lastMs: number
}

const hasZone = /(Z|[+-]\d\d:?\d\d)$/i
const wholeSecond = /[T ]\d\d:\d\d(:\d\d(\.0+)?)?(?=\s?(Z|[+-]|$))/i

/** From the first to the last millisecond that the text stands for; UTC when it names no zone. Null when it is no time. */
export function momentsOf(text: string): Moments | null {
  const trimmed = text.trim()
  const firstMs = Date.parse(hasZone.test(trimmed) || !/[T ]\d/.test(trimmed) ? trimmed : `${trimmed.replace(' ', 'T')}Z`)
  if (Number.isNaN(firstMs)) return null
  return { firstMs, lastMs: wholeSecond.test(trimmed) ? firstMs + 999 : firstMs }
}
