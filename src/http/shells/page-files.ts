import { readdirSync, readFileSync } from 'node:fs'

/** The pages' scripts and style sheets by file name, such as `seat.js`; packed ones have an ending more: `seat.js.br`. */
export type PageFiles = ReadonlyMap<string, string | Uint8Array<ArrayBuffer>>

/** How a file may be packed, the smaller first: the name in HTTP (RFC 9110, 8.4.1), and the ending. */
export const packings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

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
 * What the build left in `folder` for the pages of src/console/. Throws when the program runs from a source tree that was
 * never built. All at once: forty promises of reading take twice the processor, before the first page.
 */
export function readPageFiles(folder: URL): PageFiles {
  const unpacked = (name: string): string => name.replace(/\.(?:br|gz)$/, '')
  const names = readdirSync(folder).filter((name) => pageFileTypes.has(endingOf(unpacked(name))))
  return new Map(names.map((name) => [name, readFileSync(new URL(name, folder))]))
}
