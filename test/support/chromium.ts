import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext } from 'playwright-core'
import { requirement } from './requirements.ts'

/** Nothing that asks the Internet, and nothing that this machine's sandbox forbids. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

type ContextOptions = NonNullable<Parameters<typeof chromium.launchPersistentContext>[1]>

export interface TestChromium {
  readonly context: BrowserContext
  /** Ends it and removes its profile. */
  readonly close: () => Promise<void>
}

/** A real Chromium with a new profile of its own. `moreFlags` for what a test needs beside the usual ones. */
export async function openChromium(
  options: Omit<ContextOptions, 'executablePath' | 'headless' | 'args'> = {},
  moreFlags: readonly string[] = [],
): Promise<TestChromium> {
  const profile = await mkdtemp(join(tmpdir(), 'owlcms-bridge-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: requirement('chromium').path ?? '/usr/bin/chromium',
    headless: true,
    args: [...flags, ...moreFlags],
    ...options,
  })
  return {
    context,
    close: async () => {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}
