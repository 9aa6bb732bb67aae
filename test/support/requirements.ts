import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { skippedBecause } from './plain-closing-line.ts'

/** A program outside npm that some tests need. */
interface Program {
  /** Names it goes by on the PATH, the first found wins; default: its own. */
  readonly commands?: readonly string[]
  /** Where it also lives, since some distributions keep daemons off a user's PATH. */
  readonly elsewhere?: readonly string[]
  /** Packages of Debian; default: its own name. */
  readonly install?: string
}

const programs = {
  mosquitto: {
    elsewhere: ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'],
  },
  // Not the one on the PATH, which wants to be root and changes the user.
  rabbitmq: {
    commands: [],
    elsewhere: ['/usr/lib/rabbitmq/bin/rabbitmq-server'],
    install: 'rabbitmq-server',
  },
  'mosquitto-clients': { commands: ['mosquitto_sub'], elsewhere: ['/opt/homebrew/bin/mosquitto_sub'] },
  chromium: {
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    elsewhere: [
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
  },
  firefox: {
    commands: ['firefox-esr', 'firefox'],
    elsewhere: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
    install: 'firefox-esr',
  },
  faketime: {},
  java: { install: 'default-jre-headless' },
  jdk: { commands: ['javac'], install: 'default-jdk-headless (17 or later)' },
  maven: { commands: ['mvn'] },
  go: { elsewhere: ['/usr/local/go/bin/go'], install: 'golang-go' },
  'systemd-analyze': { install: 'systemd' },
  python: { commands: ['python3'], install: 'python3-venv' },
} as const satisfies Record<string, Program>

/** The programs a test may ask for by name. */
export type RequirementName = keyof typeof programs

/** Whether a program is on this machine, and if not, what to do about it. */
export interface Requirement {
  readonly name: RequirementName
  readonly available: boolean
  readonly reason: string
  /** Where it is; undefined when it isn't. */
  readonly path: string | undefined
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // absent or not ours to run: the same to a test
  }
}

/**
 * Looks a program up: on the PATH, then where else it is known to live. It is never started.
 * `reason` reads as a sentence fragment in both cases: "found at …" or "needs …: apt-get install …".
 */
export function requirement(name: RequirementName, searchPath = process.env['PATH'] ?? ''): Requirement {
  const { commands = [name], elsewhere = [], install = name }: Program = programs[name]
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '')
  const onPath = commands.flatMap((command) => folders.map((folder) => join(folder, command)))
  const path = [...onPath, ...elsewhere].find(isProgram)
  return path === undefined
    ? { name, available: false, reason: `needs ${name}: apt-get install ${install}`, path }
    : { name, available: true, reason: `found at ${path}`, path }
}

/** What to do with tests that need something: in CI nothing may be skipped (issue 2, "Tests"). */
export type Treatment = 'run' | 'skip' | 'fail'

/** Runs when everything is there; otherwise fails where CI is exactly 'true' and skips anywhere else. */
export function treatment(needs: readonly Requirement[], ci = process.env['CI']): Treatment {
  if (needs.every((need) => need.available)) return 'run'
  return ci === 'true' ? 'fail' : 'skip'
}

/**
 * A `describe` whose tests need one or more programs. Missing on a developer's machine: skipped, and the end of
 * the run names the group and the reason (plain-closing-line.ts). Missing in CI: one failing test that says what to install.
 */
export function describeIf(
  needs: Requirement | readonly Requirement[],
): (name: string, fn: () => void) => void {
  const all = 'name' in needs ? [needs] : needs
  const reason = all
    .filter((need) => !need.available)
    .map((need) => need.reason)
    .join('; ')
  return (name, fn) => {
    const todo = treatment(all)
    if (todo === 'run') describe(name, fn)
    else if (todo === 'skip') describe.skip(`${name}${skippedBecause}${reason})`, fn)
    else {
      describe(name, () => {
        test(reason, () => {
          expect.fail(`This group cannot run here: ${reason}`)
        })
      })
    }
  }
}
