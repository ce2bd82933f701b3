// Rates that an operator set: changes of an account's containers, changes of a container's objects and its listings, by how full it is.
// Who is too fast waits for a while, and is refused when it would be too long.
import { delay } from '../../../platform/clock.ts'
import { swiftError } from '../answer.ts'
import { infoAdd } from '../info.ts'
import type { SwiftRequest } from '../request.ts'
import type { Step } from '../steps.ts'
import { Lanes, rateFor, ratesOf } from './rates.ts'

const cacheName = 'object.swift.rates'

export const rateLimit: Step = async (request, next) => {
  const { account, platform } = request
  const { accountWhitelist, accountBlacklist, rateMaxSleepSeconds } = platform.config.object
  // requests inside a request have had their turn
  if (account === null || request.raw.method !== request.method || accountWhitelist.includes(account)) return next(request)
  if (accountBlacklist.includes(account)) return swiftError(497, 'Your account has been blacklisted')
  const lane = await laneOf(request)
  if (!lane) return next(request)
  const waitMs = lanesOf(request).turn(lane.name, { rate: lane.rate, nowMs: platform.clock.nowMs(), mostMs: rateMaxSleepSeconds * 1000 })
  if (waitMs === null) return swiftError(498, 'Slow down')
  if (waitMs > 0) await delay(platform.clock, waitMs)
  return next(request)
}

const changes = ['PUT', 'DELETE', 'POST', 'COPY']

/** The lane that the request is in, if any is limited. */
async function laneOf(request: SwiftRequest): Promise<{ name: string; rate: number } | null> {
  const { account, container, object, method, platform } = request
  const { accountRate, containerRates, listingRates } = platform.config.object
  if (container === null) return null
  const sized = async (kind: string, settings: Readonly<Record<string, number>>) => {
    const rates = ratesOf(settings)
    const rate = rates.length === 0 ? null : rateFor(rates, (await request.containerRow())?.object_count ?? 0)
    return rate !== null && rate > 0 ? { name: `${kind} ${account}/${container}`, rate } : null
  }
  if (object !== null) return changes.includes(method) ? sized('objects', containerRates) : null
  if (method === 'GET') return sized('listing', listingRates)
  return accountRate > 0 && (method === 'PUT' || method === 'DELETE') ? { name: `containers ${account}`, rate: accountRate } : null
}

function lanesOf({ platform }: SwiftRequest): Lanes {
  let lanes = platform.caches.get(cacheName) as Lanes | undefined
  if (!lanes) platform.caches.set(cacheName, (lanes = new Lanes()))
  return lanes
}

infoAdd('ratelimit', ({ config }) => ({
  account_ratelimit: config.object.accountRate,
  max_sleep_time_seconds: config.object.rateMaxSleepSeconds,
  container_ratelimits: ratesOf(config.object.containerRates),
  container_listing_ratelimits: ratesOf(config.object.listingRates),
}))
