// Lets a server's guest see that a volume of its has grown. The size stands in the volume's row; nothing of the server
// changes, so whatever else is under way with it goes on, and there is nothing to undo.
import { guestRefresh } from '../guest/steps/refresh.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'

export const serverExtendVolumeSaga = serverSaga<{ serverId: string; volumeId: string }>({
  name: 'server-extend-volume',
  action: 'extend_volume',
  leavesState: true,
  deadlineMs: 600_000,
  steps: [{ name: 'tell the guest', run: (work, { serverId }) => guestRefresh(work, serverId) }],
})
