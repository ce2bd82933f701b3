// The hour that a blob was begun in names its directory: what a crash may have left lies in the directories of the hours since
// the last clean stop.

/** yyyymmddhh of UTC; sorts as text */
export const hourOf = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-T]/g, '').slice(0, 10)

export const hourBefore = (hour: string): string => hourOf(msOf(hour) - 3_600_000)

const msOf = (hour: string): number => Date.parse(`${hour.slice(0, 4)}-${hour.slice(4, 6)}-${hour.slice(6, 8)}T${hour.slice(8)}:00:00Z`)
