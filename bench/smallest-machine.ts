import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { heapOption } from './deployed-memory.ts'
import { hallRun, type HallRun } from './hall.ts'
import { shippedProgram, type Servers } from './servers.ts'

/** A hall on the smallest machine that Fly rents: 1/16 of a processor, 256 MB. */
export interface Smallest extends HallRun {
  readonly liveMs: number
  readonly readyMs: number
}

const viewers = 200
const periodMicros = 100_000
const quotaMicros = periodMicros / 16
const memoryBytes = 256 * 2 ** 20
/** What a program does for the first time is interpreted, and compiled beside it: by the first lift of a day that is over. */
const settleSeconds = 15

/** Throws, with words, where the kernel gives us no cgroups. */
export async function smallestMachine(servers: Servers, seconds: number): Promise<Smallest> {
  const group = new SmallGroup()
  try {
    const { server, liveMs, readyMs } = await servers.startBridge(
      [...group.enter, process.execPath, heapOption()],
      shippedProgram,
    )
    try {
      const hall = await hallRun([server], viewers, { seconds, everyMs: 250 }, settleSeconds)
      return { liveMs, readyMs, ...hall }
    } finally {
      await server.stop()
    }
  } finally {
    group.close()
  }
}

/** A control group, of either version, that this process may make and no other uses. */
class SmallGroup {
  /** What a command begins with to run in it. */
  readonly enter: readonly string[]
  readonly #folders: readonly string[]

  constructor() {
    const name = `owlcms-bridge-bench-${process.pid}`
    const isSecond = existsSync('/sys/fs/cgroup/cgroup.controllers')
    const root = '/sys/fs/cgroup'
    const limits: readonly (readonly [folder: string, file: string, value: string])[] = isSecond
      ? [
          [join(root, name), 'cpu.max', `${quotaMicros} ${periodMicros}`],
          [join(root, name), 'memory.max', String(memoryBytes)],
        ]
      : [
          [join(root, 'cpu', name), 'cpu.cfs_quota_us', String(quotaMicros)],
          [join(root, 'memory', name), 'memory.limit_in_bytes', String(memoryBytes)],
        ]
    this.#folders = [...new Set(limits.map(([folder]) => folder))]
    try {
      for (const folder of this.#folders) mkdirSync(folder)
      for (const [folder, file, value] of limits) writeFileSync(join(folder, file), value)
    } catch (error) {
      this.close()
      throw new Error('no control group could be made here (needs root and a writable /sys/fs/cgroup)', {
        cause: error,
      })
    }
    const moves = this.#folders.map((folder) => `echo $$ > ${folder}/cgroup.procs`).join(' && ')
    this.enter = ['sh', '-c', `${moves} && exec "$@"`, 'sh']
  }

  close(): void {
    for (const folder of this.#folders) if (existsSync(folder)) rmdirWhenEmpty(folder)
  }
}

/** The kernel takes a moment to let the last process go. */
function rmdirWhenEmpty(folder: string): void {
  for (let time = 0; time < 200; time += 1) {
    if (readFileSync(join(folder, 'cgroup.procs'), 'utf8') === '') {
      rmdirSync(folder)
      return
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  }
}
