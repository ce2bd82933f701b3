// The states of servers as data: which action is allowed in which state, what it makes of it, and what status the API
// shows. Nova's table, in one place; everything else asks it. No code here changes a row.
import { table } from '../../platform/table.ts'

export const vmStates = [
  'building',
  'active',
  'stopped',
  'paused',
  'suspended',
  'rescued',
  'resized',
  'shelved',
  'shelved_offloaded',
  'error',
  'soft-delete',
  'deleted',
] as const
export type VmState = (typeof vmStates)[number]

/** libvirt's numbers, as the API shows them */
export const power = { none: 0, running: 1, paused: 3, shutdown: 4, crashed: 6, suspended: 7 } as const

const reboot = ['rebooting', 'reboot_pending', 'reboot_started']
const rebootHard = ['rebooting_hard', 'reboot_pending_hard', 'reboot_started_hard']
const rebuild = ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning']
const resize = ['resize_prep', 'resize_migrating', 'resize_migrated', 'resize_finish']
const each = (tasks: string[], status: string): Record<string, string> => Object.fromEntries(tasks.map((task) => [task, status]))

/** vm_state → its status, and the task states under which it has another. */
const statusTable: Record<string, { status: string; under?: Record<string, string> }> = table({
  active: {
    status: 'ACTIVE',
    under: {
      ...each(reboot, 'REBOOT'),
      ...each(rebootHard, 'HARD_REBOOT'),
      updating_password: 'PASSWORD',
      ...each(rebuild, 'REBUILD'),
      migrating: 'MIGRATING',
      ...each(resize, 'RESIZE'),
    },
  },
  building: { status: 'BUILD' },
  stopped: { status: 'SHUTOFF', under: { ...each(resize, 'RESIZE'), ...each(rebuild, 'REBUILD') } },
  resized: { status: 'VERIFY_RESIZE', under: { resize_reverting: 'REVERT_RESIZE' } },
  paused: { status: 'PAUSED', under: { migrating: 'MIGRATING' } },
  suspended: { status: 'SUSPENDED' },
  rescued: { status: 'RESCUE' },
  error: { status: 'ERROR', under: each(rebuild, 'REBUILD') },
  deleted: { status: 'DELETED' },
  'soft-delete': { status: 'SOFT_DELETED' },
  shelved: { status: 'SHELVED' },
  shelved_offloaded: { status: 'SHELVED_OFFLOADED' },
})

/** What the API shows as `status`. */
export function statusOf(vmState: string, taskState: string | null): string {
  const known = statusTable[vmState]
  if (!known) return 'UNKNOWN'
  return (taskState !== null && known.under?.[taskState]) || known.status
}

/** The states that stand behind a status filter; null when no status has that name. */
export function statesOfStatus(statuses: string[]): { vmStates: string[]; taskStates: string[] | null } | null {
  const wanted = new Set(statuses.map((status) => status.toUpperCase()))
  const vm = new Set<string>()
  const tasks = new Set<string>()
  let plain = false
  for (const [vmState, { status, under }] of Object.entries(statusTable)) {
    if (wanted.has(status)) plain = true
    if (wanted.has(status)) vm.add(vmState)
    for (const [task, shown] of Object.entries(under ?? {})) {
      if (!wanted.has(shown)) continue
      vm.add(vmState)
      tasks.add(task)
    }
  }
  return vm.size === 0 ? null : { vmStates: [...vm], taskStates: plain ? null : [...tasks] }
}

/** What an action asks of a server and makes of it. */
export interface ActionRule {
  /** the word in "Cannot 'x' instance …" */
  word: string
  /** the name in the timeline (os-instance-actions) */
  event: string
  /** allowed vm states; null: any */
  from: readonly VmState[] | null
  /** allowed task states; null: any; by default none may be under way */
  tasks?: readonly (string | null)[] | null
  /** the task state while it goes on; undefined: it does not show */
  task?: string
  /** a server that never ran may not */
  launched?: boolean
  /** a lock does not stop it */
  ignoresLock?: boolean
  /** where it leads when all goes well; undefined: where it was */
  to?: VmState
}

const live = ['active', 'stopped', 'paused', 'suspended'] as const
const attachable = ['active', 'paused', 'stopped', 'resized', 'soft-delete', 'shelved', 'shelved_offloaded'] as const
const hardRebootTasks = [null, ...reboot, 'rebooting_hard', 'resuming', 'unpausing', 'pausing', 'suspending'] as const

const rules = {
  start: { word: 'start', event: 'start', from: ['stopped'], task: 'powering-on', launched: true, to: 'active' },
  stop: { word: 'stop', event: 'stop', from: ['active', 'error'], task: 'powering-off', launched: true, to: 'stopped' },
  rebootSoft: { word: 'reboot', event: 'reboot', from: ['active'], task: 'rebooting', launched: true, to: 'active' },
  rebootHard: {
    word: 'reboot',
    event: 'reboot',
    from: ['active', 'stopped', 'paused', 'suspended', 'error'],
    tasks: hardRebootTasks,
    task: 'rebooting_hard',
    launched: true,
    to: 'active',
  },
  pause: { word: 'pause', event: 'pause', from: ['active'], task: 'pausing', launched: true, to: 'paused' },
  unpause: { word: 'unpause', event: 'unpause', from: ['paused'], task: 'unpausing', launched: true, to: 'active' },
  suspend: { word: 'suspend', event: 'suspend', from: ['active'], task: 'suspending', launched: true, to: 'suspended' },
  resume: { word: 'resume', event: 'resume', from: ['suspended'], task: 'resuming', launched: true, to: 'active' },
  resize: { word: 'resize', event: 'resize', from: ['active', 'stopped'], task: 'resize_prep', launched: true, to: 'resized' },
  migrate: { word: 'migrate', event: 'migrate', from: ['active', 'stopped'], task: 'resize_prep', launched: true, to: 'resized' },
  confirmResize: {
    word: 'confirmResize',
    event: 'confirmResize',
    from: ['resized'],
    task: 'resize_confirming',
    launched: true,
    to: 'active',
  },
  revertResize: { word: 'revertResize', event: 'revertResize', from: ['resized'], task: 'resize_reverting', launched: true, to: 'active' },
  rebuild: { word: 'rebuild', event: 'rebuild', from: ['active', 'stopped', 'error'], task: 'rebuilding', launched: true, to: 'active' },
  rescue: { word: 'rescue', event: 'rescue', from: ['active', 'stopped', 'error'], task: 'rescuing', launched: true, to: 'rescued' },
  unrescue: { word: 'unrescue', event: 'unrescue', from: ['rescued'], task: 'unrescuing', launched: true, to: 'active' },
  createImage: { word: 'createImage', event: 'createImage', from: live, task: 'image_snapshot_pending', launched: true, ignoresLock: true },
  createBackup: { word: 'createBackup', event: 'createBackup', from: live, task: 'image_backup', launched: true, ignoresLock: true },
  shelve: { word: 'shelve', event: 'shelve', from: live, task: 'shelving', launched: true, to: 'shelved_offloaded' },
  shelveOffload: {
    word: 'shelveOffload',
    event: 'shelveOffload',
    from: ['shelved'],
    task: 'shelving_offloading',
    launched: true,
    to: 'shelved_offloaded',
  },
  unshelve: {
    word: 'unshelve',
    event: 'unshelve',
    from: ['shelved', 'shelved_offloaded'],
    task: 'unshelving',
    launched: true,
    to: 'active',
  },
  changePassword: { word: 'changePassword', event: 'changePassword', from: ['active'], launched: true },
  crashDump: {
    word: 'trigger_crash_dump',
    event: 'trigger_crash_dump',
    from: ['active', 'paused', 'rescued', 'resized', 'error'],
    launched: true,
  },
  liveMigrate: { word: 'os-migrateLive', event: 'live-migration', from: ['active', 'paused'], task: 'migrating', launched: true },
  evacuate: {
    word: 'evacuate',
    event: 'evacuate',
    from: ['active', 'stopped', 'error'],
    task: 'rebuilding',
    launched: true,
    ignoresLock: true,
    to: 'active',
  },
  attachVolume: { word: 'attach_volume', event: 'attach_volume', from: attachable, launched: true },
  detachVolume: { word: 'detach_volume', event: 'detach_volume', from: attachable, launched: true },
  swapVolume: { word: 'swap_volume', event: 'swap_volume', from: ['active', 'paused', 'resized'], launched: true },
  attachInterface: { word: 'attach_interface', event: 'attach_interface', from: ['active', 'paused', 'stopped'], launched: true },
  detachInterface: { word: 'detach_interface', event: 'detach_interface', from: ['active', 'paused', 'stopped'], launched: true },
  metadata: { word: 'update metadata', event: 'update_metadata', from: live, tasks: null, launched: true },
  tags: { word: 'update tags', event: 'update_tags', from: live, tasks: null, ignoresLock: true },
  restore: { word: 'restore', event: 'restore', from: ['soft-delete'], to: 'active' },
  delete: { word: 'delete', event: 'delete', from: null, tasks: null, task: 'deleting', to: 'deleted' },
} satisfies Record<string, ActionRule>

export type ServerAction = keyof typeof rules
export const serverActions: Record<ServerAction, ActionRule> = rules

/** Why an action may not begin now: the attribute that forbids it, or 'launched_at'; null when it may. */
export function obstacle(
  action: ActionRule,
  server: { vm_state: string; task_state: string | null; launched_at: string | null },
): { attribute: string; state: string | null } | null {
  if (action.from && !(action.from as readonly string[]).includes(server.vm_state)) return { attribute: 'vm_state', state: server.vm_state }
  const tasks = action.tasks === undefined ? [null] : action.tasks
  if (tasks && !tasks.includes(server.task_state)) return { attribute: 'task_state', state: server.task_state }
  if (action.launched && server.launched_at === null) return { attribute: 'launched_at', state: null }
  return null
}

/** The power that a guest should have while its server rests in a state; null: it has no guest, or nobody can say. */
export function powerOfState(vmState: string): 'running' | 'stopped' | 'paused' | 'suspended' | null {
  switch (vmState) {
    case 'active':
    case 'rescued':
    case 'resized':
      return 'running'
    case 'stopped':
    case 'shelved':
    case 'soft-delete':
      return 'stopped'
    case 'paused':
    case 'suspended':
      return vmState
    default:
      return null
  }
}
