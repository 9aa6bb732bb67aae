import { spawn } from 'node:child_process'

/** How a page is opened in the browser of somebody who sits at this computer; undefined where nobody does. */
export function pageOpener(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
): ((address: string) => readonly [program: string, ...args: string[]]) | undefined {
  if (platform === 'win32') return (address) => ['rundll32', 'url.dll,FileProtocolHandler', address]
  if (platform === 'darwin') return (address) => ['open', address]
  const hasScreen = (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== ''
  return hasScreen ? (address) => ['xdg-open', address] : undefined
}

/** Opens it, and leaves it alone; `failed` is told when there is no such program. */
export function openPage([program, ...args]: readonly [string, ...string[]], failed: () => void): void {
  const child = spawn(program, args, { stdio: 'ignore', detached: true })
  child.once('error', failed)
  child.unref()
}
