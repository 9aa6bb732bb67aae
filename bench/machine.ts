import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { cpus, totalmem, type } from 'node:os'

/** Which processors do what. */
export interface Pinning {
  /** For taskset; undefined when there is no taskset or only one processor. */
  readonly server: string | undefined
  readonly load: string | undefined
  readonly words: string
}

/** The server gets the first processor, everything else the second. */
export function choosePinning(): Pinning {
  const none = { server: undefined, load: undefined }
  if (!runs('taskset', ['-V']))
    return { ...none, words: 'not pinned: taskset is missing (apt install util-linux)' }
  if (cpus().length < 2) return { ...none, words: 'not pinned: there is only one processor' }
  return {
    server: '0',
    load: '1',
    words: 'server on processor 0; load generator, publisher and upstream broker on processor 1',
  }
}

/** Moves this process, and with it all children to come, to the load's processor. */
export function pinSelf(pinning: Pinning): void {
  if (pinning.load === undefined) return
  execFileSync('taskset', ['-a', '-c', '-p', pinning.load, String(process.pid)], { stdio: 'ignore' })
}

/** Whether a program can be started at all. */
export function runs(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 5_000 }).error === undefined
}

/** How many files a process here may have open; servers and this process raise themselves to it. */
export function openFilesLimit(): number {
  const words = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout.trim()
  return words === 'unlimited' ? Infinity : Number(words)
}

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100

/**
 * CPU-seconds of a process so far, user and system, all its threads. From the scheduler's nanoseconds
 * where the kernel has them, since the ticks of /proc/<pid>/stat are too coarse for short runs.
 */
export function cpuSeconds(pid: number): number {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const nanoseconds = tasks.map((task) => {
      return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ', 1)[0])
    })
    return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e9
  } catch {
    // A kernel without schedstat.
    return statSeconds(pid)
  }
}

function statSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold spaces; utime and stime are the 12th and 13th field behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Share of all processors that is in use, over a second in which the bench does nothing. */
export async function othersShare(): Promise<number> {
  const look = () => {
    const times = cpus().map((cpu) => cpu.times)
    const idle = times.reduce((sum, time) => sum + time.idle, 0)
    return { idle, all: times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle) }
  }
  const before = look()
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const after = look()
  return 1 - (after.idle - before.idle) / (after.all - before.all)
}

/** Bytes of memory that a process has in RAM. */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

/** One line about this machine, without names. */
export function machineWords(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `${cpus().length} processors (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()}`
}
