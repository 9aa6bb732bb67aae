/** What a page calls itself, made up once a browser: 128 random bits in hexadecimal. */
const pageName = /^[0-9a-f]{32}$/

/**
 * What people call a device: a box's own client ID; of a page's random name the first four characters, which the page
 * shows too, so that an organiser and an official can tell which phone they mean.
 */
export function deviceName(clientId: string): string {
  return pageName.test(clientId) ? clientId.slice(0, 4).toUpperCase() : clientId
}

/** As long as a name may be in what bridges tell each other, and never empty. */
export function shortName(text: string): string {
  return text === '' ? '–' : text.slice(0, 64)
}
