/** The headers that tell where a browser's request comes from and where it meant to go. */
export interface OriginHeaders {
  readonly origin: string | undefined
  readonly host: string | undefined
  readonly forwardedHost: string | undefined
  /** `Sec-Fetch-Site`: the browser's own verdict; sent only over https and to localhost. */
  readonly fetchSite: string | undefined
}

/**
 * Whether the page that sends a request is our own. `unknown`: no browser told anything. Only hosts are compared,
 * never schemes: behind a proxy that ends TLS every request looks like plain http (docs/platforms.md 4), and MQTT libraries of
 * Java and Python send their target with either scheme, with and without its port. A page can forge none of these
 * headers; a program that forges them deceives only itself. `allowed`: origins that count as ours.
 */
export function originVerdict(
  headers: OriginHeaders,
  allowed: readonly string[],
): 'same' | 'other' | 'unknown' {
  const { origin, fetchSite } = headers
  if (origin !== undefined && allowed.includes(origin)) return 'same'
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return 'other'
  if (origin !== undefined) return isOwnHost(origin, headers) ? 'same' : 'other'
  return fetchSite === undefined ? 'unknown' : 'same'
}

function isOwnHost(origin: string, { host, forwardedHost }: OriginHeaders): boolean {
  const page = hostOf(origin)
  if (page === undefined) return false
  // A proxy that doesn't hand on `Host` names it here; a list when there are several.
  const hosts = [host, forwardedHost?.split(',', 1)[0]?.trim()]
  return hosts.some((own) => own !== undefined && hostOf(`http://${own}`) === page)
}

/** Lower case, and without the port that one of the two schemes means anyway; undefined: it names no host. */
function hostOf(address: string): string | undefined {
  const host = URL.canParse(address) ? new URL(address).host.replace(/:(?:80|443)$/, '') : ''
  return host === '' ? undefined : host
}
