import { parentPort, Worker, workerData } from 'node:worker_threads'
import { mqttDevice, phoneOf, startOwlcms, type Device } from '../round-trip.ts'
import { pause } from './fleet.ts'

/** How many officials there are. */
const officials = 20
/** Nothing is recorded on these, so that each press there is good for the attempt. */
const pressPlatforms = Array.from({ length: Math.ceil(officials / 3) }, (_, at) => `P${at}`)

interface Hall {
  readonly brokerPort: number
  readonly bridgePort: number
  readonly platforms: readonly string[]
}

/** Milliseconds from each press to its echo, sorted. */
export interface Pressed {
  readonly times: readonly number[]
  readonly lost: number
}

/** What a thread of officials is told, and what it answers with. */
type Order = 'open' | 'close' | Presses

/** Between two presses in the hall are so many milliseconds, whether the first has its echo or not. */
export interface Presses {
  readonly seconds: number
  readonly everyMs: number
}

/**
 * Officials who press in turn, and an owlcms that answers them, in a thread of their own: in the one that reads what ten
 * thousand viewers are told each press would wait for that.
 */
export class Officials {
  readonly #worker: Worker

  constructor(hall: Hall) {
    this.#worker = new Worker(new URL(import.meta.url), { workerData: hall })
  }

  async open(): Promise<void> {
    await this.#order('open')
  }

  async press(presses: Presses): Promise<Pressed> {
    return (await this.#order(presses)) as Pressed
  }

  async close(): Promise<void> {
    await this.#order('close')
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #order(order: Order): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#worker.once('error', reject)
      this.#worker.once('message', (answer) => {
        this.#worker.off('error', reject)
        resolve(answer)
      })
      this.#worker.postMessage(order)
    })
  }
}

if (parentPort !== null) await serve(parentPort, workerData as Hall)

async function serve(port: NonNullable<typeof parentPort>, hall: Hall): Promise<void> {
  await startOwlcms(`mqtt://127.0.0.1:${hall.brokerPort}`, [...hall.platforms, ...pressPlatforms])
  let devices: readonly Device[] = []
  const obey = async (order: Order): Promise<Pressed | undefined> => {
    if (typeof order === 'object') return pressInTurn(devices, order)
    for (const device of devices) device.close()
    devices = order === 'open' ? await openOfficials(hall.bridgePort) : []
    return undefined
  }
  port.on('message', (order: Order) => {
    void obey(order).then((answer) => port.postMessage(answer))
  })
}

/** Keypads and boxes in turn, three on each platform. */
async function openOfficials(port: number): Promise<readonly Device[]> {
  const gate = `ws://127.0.0.1:${port}`
  return Promise.all(
    Array.from({ length: officials }, (_, official) => {
      const platform = pressPlatforms[Math.floor(official / 3)] ?? ''
      const referee = ((official % 3) + 1) as 1 | 2 | 3
      return official % 2 === 0
        ? phoneOf(gate, platform, referee)
        : mqttDevice(`${gate}/mqtt`, platform, referee, 1)
    }),
  )
}

async function pressInTurn(devices: readonly Device[], { seconds, everyMs }: Presses): Promise<Pressed> {
  const count = Math.floor((seconds * 1000) / everyMs)
  const beganAt = performance.now()
  const presses = Array.from({ length: count }, async (_, turn) => {
    // The first one, too, is so far from whatever was pressed before.
    await pause((turn + 1) * everyMs - (performance.now() - beganAt))
    return devices[turn % devices.length]?.press?.()
  })
  const times = (await Promise.all(presses)).filter((ms) => ms !== undefined)
  return { times: times.toSorted((a, b) => a - b), lost: count - times.length }
}
