import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { moment, Viewers, type Outcome, type Said } from './viewers.ts'

/** A process may have 20,000 files open on many machines. */
const viewersOfProcess = 10_000

/** What a process of viewers is told; it answers each with an {@link Outcome} or nothing. */
type Order =
  | { readonly kind: 'open'; readonly from: number; readonly to: number; readonly ports: readonly number[] }
  | { readonly kind: 'begin' | 'close' }
  | { readonly kind: 'outcome'; readonly said: readonly Said[] }

interface Answer {
  readonly outcome?: Outcome
  readonly error?: string
}

const file = fileURLToPath(import.meta.url)

/** So many viewers in processes of their own, for all files that they need and so that they hold up nobody else who is timed. */
export class Crowd {
  readonly #count: number
  readonly #ports: readonly number[]
  readonly #processes: readonly ChildProcess[]
  #said: Said[] = []

  /** At each port in turn. */
  constructor(count: number, ports: readonly number[]) {
    this.#count = count
    this.#ports = ports
    this.#processes = Array.from({ length: Math.ceil(count / viewersOfProcess) }, () =>
      fork(file, { serialization: 'advanced' }),
    )
    // In a hall they have machines of their own: broker, owlcms and officials don't wait for ten thousand spectators' reading.
    for (const { pid } of this.#processes)
      if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW)
  }

  /** Resolves when each has its first snapshot. */
  async open(): Promise<void> {
    const [count, ports] = [this.#count, this.#ports]
    await this.#order((at) => {
      const from = at * viewersOfProcess
      return { kind: 'open', from, to: Math.min(count, from + viewersOfProcess), ports }
    })
  }

  /** From here on counts. */
  async begin(): Promise<void> {
    this.#said = []
    await this.#order(() => ({ kind: 'begin' }))
  }

  /** owlcms says something. */
  said(topic: string, payload: string): void {
    this.#said.push({ topic, payload, at: moment() })
  }

  async outcome(): Promise<Outcome> {
    const outcomes = await this.#order(() => ({ kind: 'outcome', said: this.#said }))
    const delays = new Float64Array(outcomes.reduce((sum, outcome) => sum + outcome.delays.length, 0))
    let at = 0
    for (const outcome of outcomes) {
      delays.set(outcome.delays, at)
      at += outcome.delays.length
    }
    const missing = outcomes.reduce((sum, outcome) => sum + outcome.missing, 0)
    return { delays: delays.sort(), missing, events: outcomes[0]?.events ?? 0 }
  }

  /** All lines break. */
  async close(): Promise<void> {
    await this.#order(() => ({ kind: 'close' }))
  }

  end(): void {
    for (const child of this.#processes) child.kill('SIGKILL')
  }

  async #order(orderOf: (at: number) => Order): Promise<readonly Outcome[]> {
    const answers = await Promise.all(
      this.#processes.map(async (child, at) => {
        const answered = once(child, 'message')
        child.send(orderOf(at))
        const [answer] = (await answered) as [Answer]
        if (answer.error !== undefined) throw new Error(answer.error)
        return answer.outcome
      }),
    )
    return answers.filter((outcome) => outcome !== undefined)
  }
}

if (process.argv[1] === file) serve()

function serve(): void {
  let viewers = new Viewers()
  const obey = async (order: Order): Promise<Outcome | undefined> => {
    if (order.kind === 'outcome') return viewers.outcome(order.said)
    if (order.kind === 'begin') viewers.begin()
    else if (order.kind === 'open') await viewers.open(order)
    else {
      viewers.close()
      viewers = new Viewers()
    }
    return undefined
  }
  process.on('message', (order: Order) => {
    void obey(order).then(
      (outcome) => process.send?.({ outcome }),
      (error: unknown) => process.send?.({ error: String(error) }),
    )
  })
  // Nobody is left who would look on.
  process.once('disconnect', () => process.exit(0))
}
