/** What the bridge answers when it refuses something, in English, which the other languages are held to. */
export const api = {
  otherSite: 'Only the console’s own pages may do this. Open the console at its own address and try again.',
  notJson: 'Send JSON, with the content type application/json.',
  notSignedIn: 'You are not signed in, or no longer. Sign in at the console.',
  tooLarge: (kibibytes: number) => `That is too much at once; send at most ${kibibytes} KiB.`,
  noJson: 'This is not JSON.',
  invalid: 'The request is not valid.',
  invalidField: (field: string) => `${field} is not valid.`,
  wrongPassword:
    'That is not the administrator’s password. It is BRIDGE_ADMIN_PASSWORD; without one, the broker’s password.',
  tooMany: 'Too many wrong passwords from your network. Wait ten seconds, then try again.',
  noPassword: 'There is no administrator’s password. Set BRIDGE_ADMIN_PASSWORD and restart the bridge.',
  full: 'Too many single links were revoked to remember another one. Revoke the platform, or all links, and hand out new ones.',
  hereOnly:
    'It holds on this bridge. The broker cannot be reached: other bridges hear of it when it is back.',
  unconfirmed: (bridges: string) =>
    `It holds on this bridge, but these have not said that they have it: ${bridges}. Try again in a moment; until then the old codes may still work there.`,
  untilRestart:
    'It holds now, but the broker does not keep it: after a restart the old codes may work again. Set BRIDGE_JOURNAL_DIR to a folder that outlives restarts.',
  gone: 'That device is not on this seat any more. Look again at who is there.',
  mqtt: 'This address is for devices: connect with MQTT over WebSocket. The status page is at /',
  ws: 'This address is for programs: a JSON stream over WebSocket. The status page is at /',
  nothing: 'There is nothing at this address. The status page is at / and devices connect to /mqtt',
  mistake: 'The bridge made a mistake; its log tells more. Reload the page to try again.',
  settingsElsewhere:
    'The settings are changed on the computer on which the bridge runs: open this console there.',
  lightCheck: {
    unknownPlatform: 'owlcms has no platform of this name now.',
    notInBreak:
      'The light check needs a break, so that it can’t take a real decision. owlcms has not told this bridge of one: start a break in owlcms, or start it anew if the bridge was restarted since.',
    juryAtWork:
      'The jury deliberates, and a light check would keep its votes and its decision back. Start it in another break.',
    running: 'The light check of this platform is already running.',
  },
}

export type ApiWords = typeof api
