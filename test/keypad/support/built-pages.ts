import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PageScripts } from '../../../src/http/page-scripts.ts'

/** The pages' scripts, bundled from the sources as they are now, by the same program that the build uses. */
export async function buildPages(): Promise<PageScripts> {
  const folder = await mkdtemp(join(tmpdir(), 'built-pages-'))
  try {
    const module = new URL('../../../scripts/build-pages.mjs', import.meta.url).href
    const program = `await (await import(${JSON.stringify(module)})).buildPages(${JSON.stringify(folder)})`
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    const files = (await readdir(folder)).filter((name) => name.endsWith('.js'))
    return new Map(
      await Promise.all(
        files.map(
          async (file) => [file.slice(0, -'.js'.length), await readFile(join(folder, file), 'utf8')] as const,
        ),
      ),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
