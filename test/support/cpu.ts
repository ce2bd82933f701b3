// What a piece of work costs this process, however busy the machine is: CPU time, and the least of several readings,
// since whatever else the process does can only add to it.

/** Milliseconds of CPU that `work` takes at least. */
export function cpuMs(work: () => void, times = 3): number {
  let least = Infinity
  for (let time = 0; time < times; time++) {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}
