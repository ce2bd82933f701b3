// Times in signed requests.

/** a clock may be wrong by so much */
export const skewMs = 900_000

const compact = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/

/** `20130524T000000Z`; NaN when it is not of that form. */
export function compactTimeMs(text: string): number {
  const parts = compact.exec(text)
  return parts ? Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`) : Number.NaN
}

/** That form, or the one of a Date header. */
export function signedTimeMs(text: string): number {
  const ms = compactTimeMs(text)
  return Number.isNaN(ms) ? Date.parse(text) : ms
}

export const compactTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
