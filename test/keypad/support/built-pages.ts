import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { readPageFiles, type PageFiles } from '../../../src/http/shells/page-files.ts'

/** The pages' scripts and style sheets, built from the sources as they are now, by the same program that the build uses. */
export async function buildPages(): Promise<PageFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'built-pages-'))
  try {
    const module = new URL('../../../scripts/build-pages.mjs', import.meta.url).href
    const program = `await (await import(${JSON.stringify(module)})).buildPages(${JSON.stringify(folder)})`
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    return await readPageFiles(pathToFileURL(`${folder}/`))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
