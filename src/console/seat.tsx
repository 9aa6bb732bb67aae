import './browser/array-at.ts'
import { render } from 'hono/jsx/dom'
import { AlertControl } from './keypad/alert-control.ts'
import { KeypadPage } from './keypad/keypad-page.tsx'
import { Message } from './keypad/screens.tsx'
import { Alerts } from './phone/alerts.ts'
import { calmTouch, followPage } from './phone/page-life.ts'
import { webSound } from './phone/sound.ts'
import { keepAwake } from './phone/wake-lock.ts'
import { browserClock, clientName, recall, remember, thisBrowser } from './stream/browser-parts.ts'
import { whiteLeftQuery } from '../protocol/contract/seat.ts'
import { deviceName } from '../protocol/contract/device-name.ts'
import { StreamClient } from './stream/stream-client.ts'
import { currentLanguage } from './browser/language.ts'
import { keypadTexts } from '../texts/keypad-texts.ts'

/**
 * `/seat#<token>`: the keypad of one seat. The token stays in the fragment, which never reaches a server, and in this browser's
 * storage, so that the page opens again from the home screen, where iOS drops the fragment.
 */
const tokenKey = 'bridge-seat-token'

function start(root: HTMLElement): void {
  document.documentElement.lang = currentLanguage()
  const token = window.location.hash.slice(1) || recall(tokenKey)
  // Another link in the same tab changes only the fragment.
  window.addEventListener('hashchange', () => window.location.reload())
  if (token === undefined || token === '') {
    const { keypad } = keypadTexts[currentLanguage()]
    render(<Message title={keypad.noSeat} next={keypad.noSeatNext} />, root)
    return
  }
  remember(tokenKey, token)
  const client = new StreamClient({
    ...thisBrowser,
    client: clientName(),
    token,
  })
  const sound = webSound()
  const alerts = new Alerts({ clock: browserClock, sound, vibrate: (pattern) => vibrate(pattern) })
  let changed: () => void = () => undefined
  const control = new AlertControl(client, alerts, browserClock, () => changed())
  const shownAlerts = {
    get active() {
      return control.active
    },
    onChange: (listener: () => void) => (changed = listener),
    quiet: () => control.quietSummon(),
  }
  const begin = (): void => {
    sound.unlock()
    keepAwake()
  }
  // A call or another app takes the sound away; any later touch brings it back.
  document.addEventListener('pointerdown', () => sound.unlock())
  calmTouch()
  render(
    <KeypadPage
      client={client}
      alerts={shownAlerts}
      begin={begin}
      now={() => browserClock.now()}
      name={deviceName(clientName())}
      lookOn={() => window.location.replace(`/view#${token}`)}
      isWhiteLeft={window.location.search === whiteLeftQuery}
    />,
    root,
  )
  followPage(client)
}

/** Absent on iOS, whatever the types say: there sound and flash have to do. */
function vibrate(pattern: readonly number[]): void {
  // eslint-disable-next-line pages/oldest-browsers -- asked for
  if ('vibrate' in navigator) navigator.vibrate([...pattern])
}

const root = document.getElementById('app')
if (root !== null) start(root)
