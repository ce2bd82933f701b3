// The QMP commands and events that the QEMU driver uses, as QEMU 7.2 documents them; only the fields that we read.

/** query-status: what the guest's processors do. */
export type RunState =
  | 'running'
  | 'paused'
  | 'prelaunch'
  | 'inmigrate'
  | 'postmigrate'
  | 'finish-migrate'
  | 'save-vm'
  | 'restore-vm'
  | 'shutdown'
  | 'suspended'
  | 'guest-panicked'
  | 'io-error'
  | 'internal-error'
  | 'watchdog'
  | 'debug'
  | 'colo'

export interface BlockJob {
  device: string
  len: number
  offset: number
  status: string
  error?: string
}

interface BlockStatistics {
  'node-name'?: string
  qdev?: string
  stats: {
    rd_bytes: number
    rd_operations: number
    wr_bytes: number
    wr_operations: number
    failed_rd_operations: number
    failed_wr_operations: number
  }
}

export interface QmpCommands {
  qmp_capabilities: { return: object }
  'query-status': { return: { status: RunState; running: boolean } }
  'query-named-block-nodes': {
    arguments: { flat: boolean }
    return: { 'node-name': string; file: string; drv: string; image: { 'virtual-size': number } }[]
  }
  'query-block': { return: { qdev?: string; 'io-status'?: 'ok' | 'failed' | 'nospace' }[] }
  'query-blockstats': { return: BlockStatistics[] }
  'query-block-jobs': { return: BlockJob[] }
  'query-cpus-fast': { return: { 'cpu-index': number; 'thread-id': number }[] }
  'query-migrate': { return: { status?: string; ram?: { transferred: number; total: number }; 'error-desc'?: string } }
  'query-balloon': { return: { actual: number } }
  'qom-list': { arguments: { path: string }; return: { name: string; type: string }[] }
  'qom-get': { arguments: { path: string; property: string }; return: unknown }
  'qom-set': { arguments: { path: string; property: string; value: unknown }; return: object }
  'blockdev-add': { arguments: { 'node-name': string } & Record<string, unknown>; return: object }
  'blockdev-del': { arguments: { 'node-name': string }; return: object }
  'blockdev-backup': {
    arguments: { 'job-id': string; device: string; target: string; sync: 'full'; 'auto-dismiss': boolean }
    return: object
  }
  'blockdev-snapshot-internal-sync': { arguments: { device: string; name: string }; return: object }
  'blockdev-snapshot-delete-internal-sync': { arguments: { device: string; name: string }; return: object }
  'block-job-cancel': { arguments: { device: string; force: boolean }; return: object }
  'job-dismiss': { arguments: { id: string }; return: object }
  block_resize: { arguments: { 'node-name': string; size: number }; return: object }
  device_add: { arguments: { driver: string; id: string } & Record<string, unknown>; return: object }
  device_del: { arguments: { id: string }; return: object }
  netdev_add: { arguments: { type: string; id: string } & Record<string, unknown>; return: object }
  netdev_del: { arguments: { id: string }; return: object }
  set_link: { arguments: { name: string; up: boolean }; return: object }
  migrate: { arguments: { uri: string }; return: object }
  'migrate-set-parameters': { arguments: { 'max-bandwidth': number }; return: object }
  'migrate-incoming': { arguments: { uri: string }; return: object }
  migrate_cancel: { return: object }
  stop: { return: object }
  cont: { return: object }
  quit: { return: object }
  system_powerdown: { return: object }
  system_reset: { return: object }
  'inject-nmi': { return: object }
  screendump: { arguments: { filename: string; format: 'png' }; return: object }
}

export interface QmpEvents {
  SHUTDOWN: { guest: boolean; reason: string }
  RESET: { guest: boolean; reason: string }
  STOP: object
  RESUME: object
  POWERDOWN: object
  DEVICE_DELETED: { device?: string; path: string }
  DEVICE_UNPLUG_GUEST_ERROR: { device?: string; path: string }
  BLOCK_JOB_COMPLETED: { device: string; len: number; offset: number; error?: string }
  BLOCK_JOB_CANCELLED: { device: string }
  BLOCK_IO_ERROR: { 'node-name'?: string; nospace?: boolean; action: string; reason: string }
  JOB_STATUS_CHANGE: { id: string; status: string }
}
