// Times as Nova's older resources show them: microseconds, no zone.

/** 2026-11-22T20:25:22.851000 */
export const naive = (iso: string): string => iso.replace('Z', '000')

export const naiveOrNull = (iso: string | null): string | null => (iso === null ? null : naive(iso))
