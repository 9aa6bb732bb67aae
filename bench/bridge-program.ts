import { startBridge } from '../src/bridge/bridge.ts'
import { loadConfig } from '../src/config/config.ts'
import { systemClock } from '../src/support/clock.ts'
import { createLogger } from '../src/support/logger.ts'

/**
 * The bridge as `start` starts it, but for a load generator: it is one client that sends far faster than people press,
 * and thousands of its sockets have one address. Start and memory are measured on the program itself.
 */
const loaded = loadConfig(process.env, [])
if (loaded.kind === 'faulty') throw new Error(loaded.faults.map(({ what }) => what).join(' '))
const bridge = await startBridge(loaded.config, {
  clock: systemClock,
  random: Math.random,
  log: createLogger('warn'),
  version: 'bench',
  pageFiles: new Map(),
  usage: () => ({
    residentBytes: 0,
    heapUsedBytes: 0,
    externalBytes: 0,
    cpuSeconds: 0,
    startedAtSeconds: performance.timeOrigin / 1000,
  }),
  limits: {
    maxClients: 20_000,
    maxClientsPerAddress: 20_000,
    maxClientsPerSeat: 20_000,
    maxSilent: 20_000,
    maxSilentPerAddress: 20_000,
    messagesPerSecond: 10_000,
    messageBurst: 100_000,
    flushWindowMs: 0,
  },
})
process.once('SIGTERM', () => void bridge.stop().then(() => process.exit(0)))
