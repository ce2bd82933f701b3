// Which flows may go on: conntrack's text is read right, and the judge says what the rules say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allOut, idOf, port, rule } from '../../../../test/support/network-lab/specs.ts'
import { createJudge, deletion, type Flow, parseFlow } from './flows.ts'
import type { FilterInput } from './input.ts'

const there = 'src=10.0.0.1 dst=10.0.0.2 sport=50524 dport=22'
const tcpLine = `tcp      6 431999 ESTABLISHED ${there} src=10.0.0.2 dst=10.0.0.1 sport=22 dport=50524 [ASSURED] mark=0 zone=5 use=1`
const icmpLine =
  'icmpv6   58 29 src=2001:db8::1 dst=2001:db8::2 type=128 code=0 id=7 src=2001:db8::2 dst=2001:db8::1 type=129 code=0 id=7 mark=0 use=1'

test('a line of conntrack is read in its original direction, and deleted exactly', () => {
  const flow = parseFlow(tcpLine)
  assert.deepEqual(flow, {
    protocol: 6,
    zone: 5,
    source: '10.0.0.1',
    destination: '10.0.0.2',
    sourcePort: 50_524,
    destinationPort: 22,
    icmp: null,
  })
  assert.equal(deletion(flow as Flow), '-D -f ipv4 -w 5 -p 6 -s 10.0.0.1 -d 10.0.0.2 --sport 50524 --dport 22')
  const ping = parseFlow(icmpLine)
  assert.deepEqual(ping?.icmp, { type: 128, code: 0, id: 7 })
  assert.equal(
    deletion(ping as Flow),
    '-D -f ipv6 -w 0 -p 58 -s 2001:db8::1 -d 2001:db8::2 --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 7',
  )
  assert.equal(parseFlow('conntrack v1.4.7 (conntrack-tools): 4 flow entries have been shown.'), null)
  assert.equal(parseFlow(''), null)
})

const input = (rules: FilterInput['securityGroups'][number]['rules']): FilterInput => ({
  table: 't',
  networks: [{ bridge: 'brqa', zone: 5, hostAddresses: [] }],
  ports: [
    { spec: port('b', 'n', { fixedIps: ['10.0.0.2'], allowedAddressPairs: [{ ip: '10.7.0.0/16', mac: '' }] }), bridge: 'brqa', mark: 1 },
  ],
  securityGroups: [{ id: idOf('default'), rules }],
  blocked: [],
  masquerade: false,
})
const flow = (more: Partial<Flow>): Flow => ({ ...(parseFlow(tcpLine) as Flow), ...more })

test('the judge mirrors ingress and egress rules', () => {
  const open = createJudge(
    input([...allOut, rule({ protocol: 'tcp', portRangeMin: 20, portRangeMax: 22, remoteCidrs: ['10.0.0.0/31'] })]),
    [],
  )
  assert.equal(open(flow({})), true)
  assert.equal(open(flow({ destinationPort: 23 })), false)
  assert.equal(open(flow({ protocol: 17 })), false)
  assert.equal(open(flow({ source: '10.0.0.9' })), false, 'a remote address without a rule')
  assert.equal(open(flow({ destination: '10.7.1.1' })), true, 'an allowed pair is the port, too')
  assert.equal(open(flow({ destination: '10.7.1.1', destinationPort: 80 })), false)
  assert.equal(open(flow({ source: '10.0.0.2', destination: '192.0.2.1', destinationPort: 443 })), true)
  assert.equal(createJudge(input([]), [])(flow({ source: '10.0.0.2', destination: '192.0.2.1' })), false)
})

test('the judge leaves other zones, strangers and address assignment alone', () => {
  const closed = createJudge(input([]), [])
  assert.equal(closed(flow({ zone: 6 })), true)
  assert.equal(closed(flow({ source: '10.1.0.1', destination: '10.1.0.2' })), true)
  assert.equal(closed(flow({ protocol: 17, destinationPort: 67 })), true)
})

test('flows of an address that went end, unless another port has it now', () => {
  const judge = createJudge(input([...allOut, rule({})]), [
    { zone: 5, address: '10.0.0.1' },
    { zone: 5, address: '10.0.0.2' },
  ])
  assert.equal(judge(flow({})), false)
  assert.equal(judge(flow({ source: '10.0.0.8' })), true)
})
