// The addresses that a temporary URL is limited to: one address, or a network as ADDRESS/BITS with nothing set behind the bits.
import { Address4, Address6 } from 'ip-address'

const longest = 64

/** Does the address lie in the range? What is no range holds nobody. */
export function isInRange(address: string, range: string): boolean {
  if (range.length > longest) return false
  // a client of IPv4 over a socket of IPv6
  const client = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  if (Address4.isValid(range)) return Address4.isValid(client) && isWithin4(new Address4(client), new Address4(range))
  return Address6.isValid(range) && Address6.isValid(client) && isWithin6(new Address6(client), new Address6(range))
}

const isWithin4 = (client: Address4, network: Address4): boolean =>
  network.startAddress().correctForm() === network.correctForm() && client.isInSubnet(network)

const isWithin6 = (client: Address6, network: Address6): boolean =>
  network.startAddress().correctForm() === network.correctForm() && client.isInSubnet(network)
