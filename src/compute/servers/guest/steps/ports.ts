// A server's ports on its host: wired before the guest's first packet.
import { attachedPortsList, portsWire } from '../../../../network/index.ts'
import type { Step } from '../../../../platform/work/definition.ts'

/** The host's network gets the server's ports, and reports them filtered and wired. */
export const wirePorts: Step<{ serverId: string; host: string }> = {
  name: 'wire',
  async run(work, { serverId, host }) {
    const ports = await attachedPortsList(work.ctx, [serverId])
    await portsWire(
      work,
      host,
      ports.map(({ portId }) => portId),
    )
  },
}
