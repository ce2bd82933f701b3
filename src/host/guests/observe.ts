// What a guest is, seen from its process and its directory; changes nothing.
import { readdir, stat } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import type { GuestPower, GuestReport } from '../../contract/guests.ts'
import type { Engine, LiveGuest } from './engine.ts'
import { hasMemory } from './memory.ts'
import { isAlive } from './process.ts'
import { madeOf } from './made.ts'
import { type GuestState, machineBoot, readState } from './state.ts'

/** The power that a live guest's run state amounts to. */
function powerOf({ runState }: LiveGuest): GuestPower | 'crashed' {
  if (runState === 'running' || runState === 'suspended') return 'running'
  if (runState === 'shutdown') return 'stopped'
  if (runState === 'inmigrate') return 'suspended'
  return runState === 'guest-panicked' || runState === 'internal-error' ? 'crashed' : 'paused'
}

/** What a guest is, from its process if it has one and from its directory if not. */
export async function observeGuest(engine: Engine, id: string): Promise<GuestReport> {
  const dir = engine.dirOf(id)
  const live = engine.live.get(id)
  const state = await readState(dir)
  const made = state && madeNow(state, live !== undefined)
  const found = {
    id,
    generation: state?.spec.generation ?? 0,
    pid: live?.process.pid ?? null,
    fault: live?.fault ?? state?.fault ?? null,
    made,
  }
  if (live) return { ...found, power: powerOf(live) }
  if (!state) return { ...found, power: (await stat(dir).catch(() => null)) ? 'stopped' : 'absent' }
  const hanging = engine.hanging.get(id)
  if (hanging && isAlive(hanging))
    return { ...found, pid: hanging.pid, power: state.power, fault: 'the process of the guest does not answer' }
  if (await hasMemory(dir)) return { ...found, power: 'suspended' }
  if (state.power === 'stopped') return { ...found, power: 'stopped', endedWithHost: state.endedWithHost === true }
  if (state.bootId !== undefined && state.bootId !== machineBoot())
    return { ...found, power: 'crashed', fault: found.fault ?? 'the machine was started anew', endedWithHost: true }
  return { ...found, power: 'crashed', fault: found.fault ?? 'the process of the guest is gone' }
}

/** A running guest has what its machine has, whatever the last spec said. */
function madeNow({ spec, machine, imageIds }: GuestState, isLive: boolean): GuestReport['made'] {
  if (!isLive || !machine) return { ...madeOf(spec), imageIds }
  return {
    volumeIds: machine.disks.flatMap(({ volumeId }) => volumeId ?? []),
    portIds: machine.nics.flatMap(({ portId }) => (portId === '' ? [] : [portId])),
    imageIds,
  }
}

/** Ids of all guests that have a directory here. */
export async function guestIds(guestsDir: string): Promise<string[]> {
  return (await readdir(guestsDir, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/** A path of QEMU's as one that this process can use. */
export const absolutePath = (dir: string, path: string): string => (isAbsolute(path) ? path : resolve(dir, path))
