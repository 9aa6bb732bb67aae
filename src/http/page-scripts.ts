import { readdir, readFile } from 'node:fs/promises'

/** The script of each page by its name: `status-page`, … */
export type PageScripts = ReadonlyMap<string, string>

const ending = '.js'

/**
 * The browser scripts of the pages, as the build left them in `folder`. Rejects when the program runs from a
 * source tree that was never built.
 */
export async function readPageScripts(folder: URL): Promise<PageScripts> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(ending))
  const scripts = files.map(
    async (file) => [file.slice(0, -ending.length), await readFile(new URL(file, folder), 'utf8')] as const,
  )
  return new Map(await Promise.all(scripts))
}
