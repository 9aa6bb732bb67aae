import { readdir, readFile } from 'node:fs/promises'

/** The pages' scripts and style sheets by file name: `seat.js`, `keypad.css`, … */
export type PageFiles = ReadonlyMap<string, string>

/** What the pages fetch, by the ending of its name. */
export const pageFileTypes: ReadonlyMap<string, string> = new Map([
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
])

/** The ending of a file's name, which tells what it is. */
export function endingOf(name: string): string {
  return name.slice(name.lastIndexOf('.'))
}

/**
 * What the build left in `folder` for the pages of src/console/. Rejects when the program runs from a source tree that was
 * never built.
 */
export async function readPageFiles(folder: URL): Promise<PageFiles> {
  const names = (await readdir(folder)).filter((name) => pageFileTypes.has(endingOf(name)))
  const files = names.map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')] as const)
  return new Map(await Promise.all(files))
}
