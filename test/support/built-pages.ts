import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { readPageFiles, type PageFiles } from '../../src/http/shells/page-files.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the pages' scripts and style sheets. */
    builtPages: string
  }
}

/** Builds the pages once for a whole run, from the sources as they are now, by the program that the build uses. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'built-pages-'))
  await promisify(execFile)(process.execPath, ['scripts/build-pages.mjs', folder])
  provide('builtPages', folder)
  return () => rm(folder, { recursive: true, force: true })
}

/** The pages' scripts and style sheets, as this run built them. */
export function builtPages(): Promise<PageFiles> {
  return Promise.resolve(readPageFiles(pathToFileURL(`${inject('builtPages')}/`)))
}
