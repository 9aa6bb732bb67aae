import { BlockList, isIP } from 'node:net'

/** Addresses that the Internet does not route: loopback, private, link-local, carrier-grade NAT. */
const notPublic = new BlockList()
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv6')
}

/**
 * Whether somebody on the Internet could reach a listener on `host`. `own`: the addresses of this machine,
 * which count when `host` means all of them (`0.0.0.0`, `::`).
 */
export function reachableFromInternet(host: string, own: readonly string[]): boolean {
  const addresses = host === '0.0.0.0' || host === '::' ? own : [host]
  return addresses.some((address) => {
    const version = isIP(address)
    if (version === 0) return false
    return !notPublic.check(address, version === 4 ? 'ipv4' : 'ipv6')
  })
}
