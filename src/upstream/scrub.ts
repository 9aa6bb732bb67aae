const maxRawLength = 300
const ipv4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\d.])/g
/** Two colons at least, so that times and ports stay: `::1`, `fe80::1`, `2001:db8:0:0:0:0:0:1`. */
const ipv6 = /(?<![\w:])(?!\d\d:\d\d:\d\d(?![\w:]))(?=[\da-f:]*:[\da-f]*:)[\da-f:]{3,45}(?:%\w+)?(?![\w:])/gi

/** What must not stand in any text (R10). */
export interface Hidden {
  readonly host: string
  readonly username?: string
  readonly password?: string
}

/**
 * A function that makes an outside text fit for a status page or a log: one line of at most 300
 * characters, without the password, the user name, the broker's host name or any IP address (R10).
 */
export function createScrubber(hidden: Hidden): (text: string) => string {
  const placeholders = new Map<string, string>()
  for (const [word, placeholder] of [
    [hidden.host, '[broker]'],
    [hidden.username, '[user name]'],
    [hidden.password, '[password]'],
  ] as const) {
    if (word !== undefined && word !== '') placeholders.set(word.toLowerCase(), placeholder)
  }
  // Longest first: a password that contains the user name must not survive in part.
  const words = [...placeholders.keys()].sort((a, b) => b.length - a.length).map(escapeForRegExp)
  const pattern = new RegExp(words.join('|'), 'gi')
  return (text) =>
    text
      .replace(pattern, (word) => placeholders.get(word.toLowerCase()) ?? '')
      .replace(ipv4, '[address]')
      .replace(ipv6, '[address]')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, maxRawLength)
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
