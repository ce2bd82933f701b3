// What goes wrong at a moment of its own: processes die or stop, machines die or are cut off, disks fill, clocks jump,
// guests crash. Each ends by itself after a while; `heal` ends them all.
import type { Control } from './control.ts'
import type { Fault, Plan } from './plan.ts'
import { between, pick, stream, whole, type Random } from './random.ts'
import { calm } from './weather.ts'
import { nature, type World } from './world.ts'

const largestJumpMs = 600_000
/** the process dies after one of so many commits that a tenant can see */
const mostCommits = 8

export function befall(world: World, fault: Fault, { seed }: Plan): void {
  const random = stream(seed, fault.name)
  const { scheduler } = world
  const later = (ms: number, fn: () => void) => void scheduler.after(nature, ms, `end of ${fault.kind}`, fn)
  const machine = pick(random, world.machines)
  const control = pick(random, world.controls)
  const { forMs, kind } = fault
  const of = kind.startsWith('control') || kind === 'clock jumps' ? control.name : machine.name
  world.tell(`*** ${kind}: ${of} for ${Math.round(forMs)} ms`)
  switch (kind) {
    case 'control dies':
      return end(world, control, { random, forMs })
    case 'control stops':
      if (control.isDead || control.isFrozen) return
      control.freeze()
      return later(forMs, () => control.thaw())
    case 'host dies':
      return machine.host.world.goAway({ dead: true, forMs })
    case 'host is cut off':
      return machine.host.world.goAway({ dead: false, forMs })
    case 'agent restarts':
      return void machine.restart()
    case 'disk is full':
      machine.full(true)
      return later(forMs, () => machine.full(false))
    case 'clock jumps':
      control.skewMs += between(random, -largestJumpMs, largestJumpMs)
      return
    case 'guest crashes':
      return onSomeGuest(world, random, (machineOf, id) => machineOf.guests.crash(id))
    case 'guest shuts down':
      return onSomeGuest(world, random, (machineOf, id) => machineOf.guests.shutdownFromInside(id))
  }
}

/** At once; in the midst of work; or with its machine, which a database for several is not on. */
function end(world: World, control: Control, { random, forMs }: { random: Random; forMs: number }): void {
  const { scheduler, database, databases } = world
  const die = () => {
    if (control.isDead) return
    world.tell(`${control.name} dies`)
    control.kill()
    scheduler.after(nature, forMs / 5, 'end of control dies', () => revive(world, control))
  }
  const how = random()
  if (how < 0.4) return die()
  if (how < 0.8) return database.atStory(1 + whole(random, mostCommits), die)
  if (world.controls.length > 1 || control.isDead) return
  world.tell(`*** the disk of ${control.name} takes nothing any more`)
  for (const each of databases) each.stall()
  scheduler.after(nature, forMs, 'the power fails', () => powerFails(world, control))
}

/** The disk took nothing for a while; then the power went, and came back. What is on no disk never was. */
function powerFails(world: World, control: Control): void {
  if (!world.database.isStalled) return
  control.kill()
  world.losePower()
  revive(world, control)
}

function onSomeGuest(world: World, random: Random, what: (host: World['machines'][number]['host'], id: string) => void): void {
  const guests = world.machines.flatMap((machine) => machine.guests().map(({ id }) => ({ machine, id })))
  if (guests.length === 0) return
  const { machine, id } = pick(random, guests)
  what(machine.host, id)
}

/** The process starts again; one that cannot start is a fault of ours. */
export function revive(world: World, control: Control): void {
  if (!control.isDead) return
  control.start().catch((error: unknown) => {
    world.violation(`${control.name} cannot start: ${error instanceof Error ? error.stack : String(error)}`)
    control.kill()
  })
}

/** The world is well again, and stays so. */
export async function heal(world: World): Promise<void> {
  world.tell('*** the world heals')
  world.weather.climate = calm
  world.database.atStory(Infinity, () => undefined)
  for (const control of world.controls) powerFails(world, control)
  for (const machine of world.machines) {
    machine.full(false)
    machine.host.world.comeBack()
  }
  for (const control of world.controls) {
    control.thaw()
    if (control.isDead) await world.drive(control.start())
  }
  // one that was starting when the world healed
  while (!world.controls.every((control) => control.isUp)) await world.pass(1_000)
}
