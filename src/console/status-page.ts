import { giveUpAfter } from './browser/give-up.ts'

/**
 * Keeps the status page and the setup page fresh: fetches the page every second and swaps `<main>`. When
 * the bridge cannot be reached it says so and greys the picture: an old green page is worse than none.
 */

const refreshMs = 1_000
const patienceMs = 5_000

let lastSeen = new Date()
let timer: number | undefined
/** What the bridge sent last; the live element also holds what the reader opened. */
let shown = document.querySelector('main')?.outerHTML

async function refresh(): Promise<void> {
  window.clearTimeout(timer)
  try {
    const response = await fetch(window.location.pathname + window.location.search, {
      cache: 'no-store',
      signal: giveUpAfter(patienceMs),
    })
    if (!response.ok) throw new Error(`status ${response.status}`)
    show(new DOMParser().parseFromString(await response.text(), 'text/html'))
    lastSeen = new Date()
    setNotice(undefined)
  } catch {
    // Whatever the cause, the reader can do the same about it.
    const time = lastSeen.toLocaleTimeString([], {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hour12: false,
    })
    setNotice(time)
  }
  window.clearTimeout(timer)
  timer = window.setTimeout(() => void refresh(), refreshMs)
}

function show(fresh: Document): void {
  const next = fresh.querySelector('main')
  const current = document.querySelector('main')
  // Something else answered, for example a captive portal's page.
  if (next === null || current === null) throw new Error('not a page of the bridge')
  if (fresh.documentElement.dataset['version'] !== document.documentElement.dataset['version']) {
    window.location.reload()
    return
  }
  document.title = fresh.title
  // Unchanged stays untouched, so that selections and opened details survive.
  if (next.outerHTML === shown) return
  shown = next.outerHTML
  const focused = current.contains(document.activeElement) ? document.activeElement : null
  const fresher = document.importNode(next, true)
  current.replaceWith(fresher)
  // Who walks through the links with the keyboard stays where they are.
  const href = focused?.getAttribute('href')
  if (href != null) fresher.querySelector<HTMLElement>(`a[href="${CSS.escape(href)}"]`)?.focus()
}

/** Says since when the picture is old, in the words that the page brought along. */
function setNotice(time: string | undefined): void {
  const notice = document.getElementById('stale')
  if (notice === null) return
  const { lost = '', since = '' } = notice.dataset
  const text = time === undefined ? '' : `✗ ${lost} – ${since.replace('{time}', time)}`
  notice.hidden = time === undefined
  if (notice.textContent !== text) notice.textContent = text
  if (time !== undefined) document.title = `✗ ${lost}`
  document.body.classList.toggle('outdated', time !== undefined)
}

/** Copies the text beside the button; where the browser forbids that (no HTTPS), marks it for the reader to copy. */
async function copyBeside(button: HTMLElement): Promise<void> {
  const text = button.parentElement?.querySelector('pre')
  if (text == null) return
  window.getSelection()?.selectAllChildren(text)
  const { clipboard } = navigator as { readonly clipboard?: Clipboard }
  const done = await clipboard?.writeText(text.textContent).then(
    () => true,
    () => false, // The reader said no; the text is marked all the same.
  )
  if (done === true) button.textContent = `✓ ${button.dataset['copied'] ?? ''}`
}

document.addEventListener('click', ({ target }) => {
  if (target instanceof HTMLElement && target.matches('button[data-copied]')) void copyBeside(target)
})
document.documentElement.classList.add('running')
// A phone that wakes up shows the present at once.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void refresh()
})
timer = window.setTimeout(() => void refresh(), refreshMs)
