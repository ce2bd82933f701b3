// The device through which a guest's process, which is not root's, opens its tap. The kernel makes it for root alone and
// udev opens it to all (a tap's owner is checked by the kernel); on a machine without udev it is opened here.
import { chmodSync, statSync } from 'node:fs'

const device = '/dev/net/tun'

/** Lets everybody open the device, as udev does; fine when the kernel has none. */
export function openTunDevice(): void {
  const stats = statSync(device, { throwIfNoEntry: false })
  if (stats && (stats.mode & 0o666) !== 0o666) chmodSync(device, 0o666)
}
