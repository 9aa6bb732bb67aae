import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** An older program, and what it takes to be open to a load generator. */
export interface Earlier {
  readonly program: readonly string[]
  readonly settings: NodeJS.ProcessEnv
}

/** Builds the program of a commit in an empty folder. Throws where that commit doesn't build here. */
export function buildEarlier(commit: string, folder: string): Earlier {
  const run = (command: string, ...args: string[]): void => {
    execFileSync(command, args, { cwd: folder, stdio: ['ignore', 2, 2] })
  }
  const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 2 ** 30 })
  execFileSync('tar', ['-x'], { cwd: folder, input: archive })
  run('npm', 'ci', '--no-audit', '--no-fund')
  run('npm', 'run', '--silent', 'build')
  run('npx', 'tsc', '-p', 'bench/tsconfig.json')
  // From 26 November on the limits that a load generator meets are no settings.
  const loaded = join(folder, 'artifacts/bench/bridge-program.js')
  if (existsSync(loaded)) return { program: [loaded], settings: {} }
  return {
    program: [join(folder, 'dist/main.js'), 'start', '--strict'],
    settings: {
      // What it doesn't know is a fault.
      BRIDGE_SECRET: undefined,
      BRIDGE_VIEWERS: undefined,
      BRIDGE_MAX_CLIENTS: '20000',
      BRIDGE_MAX_CLIENTS_PER_ADDRESS: '20000',
      BRIDGE_MESSAGES_PER_SECOND: '10000',
      BRIDGE_MESSAGE_BURST: '100000',
      BRIDGE_FLUSH_WINDOW_MS: '0',
    },
  }
}
