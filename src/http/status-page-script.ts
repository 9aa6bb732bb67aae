import { readFile } from 'node:fs/promises'

/**
 * The browser script of the pages, as the build left it beside this folder. Rejects when the program
 * runs from a source tree that was never built.
 */
export async function readStatusPageScript(): Promise<string> {
  return readFile(new URL('../console/status-page.js', import.meta.url), 'utf8')
}
