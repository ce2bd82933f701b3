// One life of a driver for the restart test in real.real.test.ts: applies a spec over DATA, says what stands, and ends
// at once (`leave`) or takes everything away (`remove`). Tests only.
import { systemClock } from '../../../src/platform/clock.ts'
import { silentLog } from '../../../src/platform/log.ts'
import { dhcpNamespace, routerNamespace } from '../../../src/host/network/names.ts'
import { namespaceInode } from '../../../src/host/network/namespaces.ts'
import { createRealNetwork } from '../../../src/host/network/real.ts'
import { dhcp, idOf, network, router, routerPort, spec } from './specs.ts'

const [dataDir = '', ending = ''] = process.argv.slice(2)
const metadata = { get: () => Promise.resolve({ status: 404, contentType: 'text/plain', body: '' }) }
const net = createRealNetwork({ dataDir, clock: systemClock, log: silentLog, metadata })
const subnet = {
  id: idOf('s'),
  cidr: '10.0.0.0/24',
  ipVersion: 4 as const,
  serverIp: '10.0.0.2',
  gatewayIp: null,
  enableDhcp: true,
  ipv6Mode: null,
  dnsNameservers: [],
  hostRoutes: [],
  mtuBytes: 1450,
}
const wanted = spec({
  networks: [network('n1')],
  dhcp: [dhcp('n1', { subnets: [subnet] })],
  routers: [router('r', { interfaces: [routerPort('r-n1', 'n1', ['10.0.0.1/24'])] })],
})
const report = await net.apply(wanted, { fence: 1, requestId: 'req-test' })
const { processes } = await net.list()
const inodes = [dhcpNamespace(idOf('n1')), routerNamespace(idOf('r'))].map(namespaceInode)
process.stdout.write(`${JSON.stringify({ processes, inodes, router: report.routers[idOf('r')]?.state })}\n`)
if (ending === 'leave') process.exit(0)
await net.removeAll()
process.stdout.write(`${JSON.stringify(await net.list())}\n`)
await net.close()
