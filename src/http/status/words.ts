/** How long ago or for how long, in words that a glance can take in; coarse on purpose. */
export function duration(ms: number, days: (count: number) => string): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${minutes % 60} min`
  return days(Math.floor(hours / 24))
}

/** Milliseconds since the epoch as RFC 3339 in UTC, to the second. */
export function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -'.000Z'.length)}Z`
}

const hidden = '[address]'

/**
 * A raw error without host names and addresses, which the public must not see.
 * Rather hides a word too many: Node names the host after its error code, OpenSSL after "Host:" and "DNS:".
 */
export function withoutAddresses(raw: string): string {
  return raw
    .replaceAll(/\b(E[A-Z_]{3,})(?::)?\s+\S+/g, `$1 ${hidden}`)
    .replaceAll(/\b(Host|DNS|IP Address|IP):\s*[^\s,]+/g, `$1: ${hidden}`)
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, hidden)
    .replaceAll(/\[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\]?(?::\d+)?/gi, hidden)
    .replaceAll(/\b(?:[\w-]+\.)+[\w-]{2,}(?::\d+)?/g, hidden)
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?/g, hidden)
    .slice(0, 200)
}
