import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stdout } from 'node:process'
import { promisify } from 'node:util'
import { requirement, type Requirement } from '../../support/requirements.ts'

/** A program in another language that the suite builds for itself. */
export interface Foreign {
  readonly name: string
  /** What must be on the machine to build and to run it. */
  readonly needs: readonly Requirement[]
  /** Where the built program lies; the same for the same sources. */
  readonly folder: string
  /** Builds inside `work`, a copy of the sources that is moved to `folder` when it succeeds. */
  readonly build: (work: string) => Promise<void>
}

const sources = join(import.meta.dirname, '..')
/** Kept between runs, and outside version control. `npm ci` empties it. */
const cache = join(sources, '..', '..', 'node_modules', '.cache', 'interop')

function foreign(
  name: string,
  needs: readonly Requirement[],
  build: (work: string) => Promise<void>,
): Foreign {
  return { name, needs, folder: join(cache, name), build }
}

const maven = requirement('maven')
const go = requirement('go')
const python = requirement('python')
const javaNeeds = [requirement('java'), requirement('jdk'), maven]

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await promisify(execFile)(command, args, { cwd, maxBuffer: 64 * 1024 * 1024 })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error })
  }
}

/** Compiles, and lays the libraries beside the classes. */
function buildWithMaven(work: string): Promise<void> {
  return run(maven.path ?? 'mvn', ['-q', '-B', 'compile', 'dependency:copy-dependencies'], work)
}

/** HiveMQ Community Edition, the broker behind most cloud competitions. */
export const hivemq = foreign('hivemq', javaNeeds, buildWithMaven)
/** Moquette 0.17, the server inside owlcms (docs/owlcms.md 1.1). */
export const moquette = foreign('moquette', javaNeeds, buildWithMaven)
/** Paho Java 1.2.5, as owlcms and owlcms-firmata use it (docs/owlcms.md 1.2, 3.6). */
export const pahoJava = foreign('paho-java', javaNeeds, buildWithMaven)
/** Paho Go, as replays uses it (docs/owlcms.md 3.7). */
export const pahoGo = foreign('paho-go', [go], (work) =>
  run(go.path ?? 'go', ['build', '-o', 'client'], work),
)
/** Paho Python, what a volunteer's script uses. */
export const pahoPython = foreign('paho-python', [python], async (work) => {
  await run(python.path ?? 'python3', ['-m', 'venv', 'venv'], work)
  // Called as a module: a virtual environment's own commands hold absolute paths, and this one is moved.
  const pip = ['-m', 'pip', 'install', '-q', '-r', 'requirements.txt']
  await run(join(work, 'venv', 'bin', 'python'), pip, work)
})

/** Runs once, before any test file: builds every one that this machine can build. */
export default async function buildAll(): Promise<void> {
  for (const program of [hivemq, moquette, pahoJava, pahoGo, pahoPython]) {
    // What is missing is named by `describeIf` where it is needed.
    if (program.needs.every((need) => need.available)) await ensureBuilt(program)
  }
}

/** The command line of a Java program among them. */
export function javaCommand(
  program: Foreign,
  mainClass: string,
  flags: readonly string[],
): readonly string[] {
  const classPath = [
    join(program.folder, 'target', 'classes'),
    join(program.folder, 'target', 'dependency', '*'),
  ]
  return [requirement('java').path ?? 'java', ...flags, '-cp', classPath.join(':'), mainClass]
}

/** Builds what isn't there yet, or was built from other sources. */
async function ensureBuilt(program: Foreign): Promise<void> {
  const from = join(sources, program.name)
  const stamp = await fingerprint(from)
  const stampFile = join(program.folder, 'built-from')
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return
  stdout.write(`building ${program.name}\n`)
  const work = `${program.folder}.work`
  await rm(work, { recursive: true, force: true })
  await mkdir(cache, { recursive: true })
  await cp(from, work, { recursive: true })
  await program.build(work)
  await writeFile(join(work, 'built-from'), stamp)
  await rm(program.folder, { recursive: true, force: true })
  await rename(work, program.folder)
}

async function fingerprint(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const hash = createHash('sha256')
  for (const file of files.toSorted()) hash.update(file.slice(folder.length)).update(await readFile(file))
  return hash.digest('hex')
}
