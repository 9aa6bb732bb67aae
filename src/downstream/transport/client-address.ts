import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { Hosting } from '../../support/hosting.ts'

/**
 * The client's address, trusting only what a proxy of ours wrote: Fly's `Fly-Client-IP`, the rightmost `X-Forwarded-For`
 * on Heroku (docs/platforms.md 1.3, 2.3). Elsewhere the socket's peer; if that is one of `trustedProxies` (addresses, or
 * networks as `10.0.0.0/8`), the rightmost of `X-Forwarded-For` that is none of them. What stands left of it, or comes
 * from anybody else, a client may have made up. `CF-Connecting-IP` isn't read, since proxies hand on a forged one.
 */
export function clientAddress(
  hosting: Hosting,
  trustedProxies: readonly string[] = [],
): (request: IncomingMessage) => string {
  const isTrusted = memberOf(trustedProxies)
  return (request) => {
    const peer = request.socket.remoteAddress ?? 'unknown'
    if (hosting === 'fly') return header(request, 'fly-client-ip') ?? peer
    const forwarded = header(request, 'x-forwarded-for')
    if (hosting === 'heroku') return forwarded?.split(',').at(-1)?.trim() ?? peer
    return forwarded === undefined || !isTrusted(peer) ? peer : rightmostStranger(forwarded, peer, isTrusted)
  }
}

function rightmostStranger(forwarded: string, peer: string, isTrusted: (address: string) => boolean): string {
  let known = peer
  for (const hop of forwarded.split(',').toReversed()) {
    const address = hop.trim()
    // Not as our proxies write it.
    if (isIP(address) === 0) return known
    if (!isTrusted(address)) return address
    known = address
  }
  return known
}

function memberOf(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    if (prefix === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return (address) => {
    // The list knows no zones (`fe80::1%eth0`).
    const [plain = ''] = address.split('%')
    return isIP(plain) !== 0 && list.check(plain, familyOf(plain))
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6'
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  const text = Array.isArray(value) ? value.join(',') : value
  return text === '' ? undefined : text
}
