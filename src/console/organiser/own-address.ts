/** Names by which a computer means itself (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
const ownHost = /^(?:localhost|.+\.localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/

/** The host of an address that only this computer can open, or undefined where a phone may try. */
export function hostOfThisComputer(address: string): string | undefined {
  const { hostname } = new URL(address)
  return ownHost.test(hostname) ? hostname : undefined
}
