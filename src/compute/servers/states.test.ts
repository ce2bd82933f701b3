// The table of states, walked: whatever happens to a server, it has a status, can be deleted, and finds back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { obstacle, serverActions, statesOfStatus, statusOf, vmStates, type ServerAction, type VmState } from './states.ts'

interface Model {
  vm_state: VmState
  task_state: string | null
  launched_at: string | null
  /** the action under way */
  under: ServerAction | null
}

const names = Object.keys(serverActions) as ServerAction[]
const built: Model = { vm_state: 'building', task_state: 'scheduling', launched_at: null, under: null }

type Step = { kind: 'ask'; action: ServerAction } | { kind: 'done' } | { kind: 'failed' }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...names).map((action) => ({ kind: 'ask' as const, action })) },
  { weight: 3, arbitrary: fc.constant({ kind: 'done' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'failed' as const }) },
)

function next(server: Model, { ...what }: Step): Model {
  if (what.kind === 'ask') {
    const rule = serverActions[what.action]
    if (obstacle(rule, server)) return server
    return rule.task === undefined
      ? { ...server, vm_state: rule.to ?? server.vm_state }
      : { ...server, task_state: rule.task, under: what.action }
  }
  if (server.task_state === null) return server
  if (server.vm_state === 'building' && server.under === null) {
    return what.kind === 'done'
      ? { vm_state: 'active', task_state: null, launched_at: 'now', under: null }
      : { ...server, vm_state: 'error', task_state: null }
  }
  const to = server.under === null ? undefined : serverActions[server.under].to
  return { ...server, task_state: null, under: null, vm_state: what.kind === 'done' ? (to ?? server.vm_state) : server.vm_state }
}

const isDeleted = (server: Model) => server.vm_state === 'deleted'

test('whatever is asked, in whatever order: the status is known, and deletion is always possible', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let server = built
      for (const each of steps) {
        if (isDeleted(server)) break
        server = next(server, each)
        assert.notEqual(statusOf(server.vm_state, server.task_state), 'UNKNOWN')
        assert.equal(obstacle(serverActions.delete, server), null)
      }
    }),
    { numRuns: 2000 },
  )
})

test('while something is under way, only what takes over may begin', () => {
  const takesOver = new Set<ServerAction>(['delete', 'rebootHard', 'metadata', 'tags'])
  for (const vm_state of vmStates) {
    for (const name of names) {
      const { task } = serverActions[name]
      if (task === undefined) continue
      const server = { vm_state, task_state: task, launched_at: 'now' }
      for (const other of names)
        if (obstacle(serverActions[other], server) === null) assert.ok(takesOver.has(other), `${other} during ${name} in ${vm_state}`)
    }
  }
})

test('from every state that a server can rest in, there is a way back to running', () => {
  const reach = (from: VmState) => {
    const seen = new Set<VmState>([from])
    for (const state of seen) {
      for (const name of names) {
        const { to } = serverActions[name]
        if (
          to !== undefined &&
          to !== 'deleted' &&
          obstacle(serverActions[name], { vm_state: state, task_state: null, launched_at: 'now' }) === null
        )
          seen.add(to)
      }
    }
    return seen
  }
  for (const state of vmStates) if (state !== 'deleted' && state !== 'building') assert.ok(reach(state).has('active'), state)
})

test('a status filter finds exactly the servers that show that status', () => {
  const tasks = [null, ...new Set(names.flatMap((name) => serverActions[name].task ?? []))]
  for (const vmState of vmStates) {
    for (const task of tasks) {
      const states = statesOfStatus([statusOf(vmState, task)])
      assert.ok(states && states.vmStates.includes(vmState))
      assert.ok(states.taskStates === null || (task !== null && states.taskStates.includes(task)), `${vmState} ${task}`)
    }
  }
  assert.equal(statesOfStatus(['BLUE']), null)
})

test('a server that never ran can only be deleted, tagged or watched', () => {
  const failed = { vm_state: 'error', task_state: null, launched_at: null }
  assert.deepEqual(
    names.filter((name) => obstacle(serverActions[name], failed) === null),
    ['delete'],
  )
})
