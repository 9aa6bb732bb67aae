import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Pinning } from './machine.ts'

/** What is measured, lightest first; see stream-probe.ts. */
export const streamLoads = ['nobody', 'usual', 'hall', 'json'] as const
export type StreamLoad = (typeof streamLoads)[number]

export const streamLabels: Readonly<Record<StreamLoad, string>> = {
  nobody: 'nobody listens: parse, reduce, keep',
  usual: 'usual audiences: everything and viewers on /ws',
  hall: 'whole hall: these, viewers on /events, 5 seats on each of 2 platforms',
  json: 'limit: JSON.stringify and framing of the usual audiences’ messages, no meaning',
}

export interface StreamRun {
  readonly load: StreamLoad
  /** Messages from the broker per second of CPU time, all threads. */
  readonly messagesPerSecond: number
  /** Share of one processor that the probe got; well below 1 the machine was busy with other things. */
  readonly share: number
  /** Encoded for all audiences together. */
  readonly bytesPerMessage: number
}

/** Runs one load in a process of its own on the server's processor. */
export async function measureStream(
  load: StreamLoad,
  seconds: number,
  pinning: Pinning,
  profile: boolean,
): Promise<StreamRun> {
  const profiles = fileURLToPath(new URL('../profiles', import.meta.url))
  const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : []
  const probe = fileURLToPath(new URL('stream-probe.js', import.meta.url))
  const node = [process.execPath, ...profiling, probe, String(seconds), load]
  const [program = '', ...args] =
    pinning.server === undefined ? node : ['taskset', '-c', pinning.server, ...node]
  const { stdout } = await promisify(execFile)(program, args, { timeout: 60_000 })
  const measured = JSON.parse(stdout) as {
    readonly messages: number
    readonly cpuSeconds: number
    readonly wallSeconds: number
    readonly bytes: number
  }
  return {
    load,
    messagesPerSecond: measured.messages / measured.cpuSeconds,
    share: measured.cpuSeconds / measured.wallSeconds,
    bytesPerMessage: measured.bytes / measured.messages,
  }
}
