import { connect as connectTcp, isIP, type Socket } from 'node:net'
import type { LinkEvidence } from '../upstream/faults.ts'
import { passed, troubled, type StepResult } from './finding.ts'
import { orLate, type Visit } from './visit.ts'

type Found = { readonly kind: 'addresses'; readonly count: number } | LinkEvidence

/** Whether the broker's name exists. Only a name that does is shown: any other text may be a misplaced password. */
export async function nameStep(visit: Visit): Promise<StepResult> {
  const { clock, broker, limits, texts } = visit
  const { host } = broker.address
  if (broker.own !== undefined) return passed('name', texts.name.own)
  if (isIP(host) !== 0) return passed('name', texts.name.number)
  const begun = clock.now()
  const waitedMs = visit.within(limits.lookupMs)
  const late = timedOut('queryA ETIMEOUT')
  const found = await orLate<Found, Found>(clock, waitedMs, lookUp(visit), late)
  const ms = clock.now() - begun
  if (found.kind === 'addresses') {
    return passed('name', texts.name.exists(host, found.count), ms)
  }
  const { code, raw } = visit.faultOf(found)
  return troubled('name', 'fail', code, { raw, ms })
}

function lookUp({ lookup, broker }: Visit): Promise<Found> {
  return new Promise((resolve) => {
    lookup(broker.address.host, { all: true }, (error, addresses) => {
      if (error !== null) resolve({ kind: 'error', stage: 'transport', error })
      else resolve({ kind: 'addresses', count: Array.isArray(addresses) ? addresses.length : 1 })
    })
  })
}

function timedOut(message: string): Found {
  const error = Object.assign(new Error(message), { code: 'ETIMEOUT' })
  return { kind: 'error', stage: 'transport', error }
}

/** An open TCP connection, or why there is none. */
export async function openTcp(visit: Visit, limitMs: number): Promise<Socket | LinkEvidence> {
  const { host, port } = visit.broker.address
  const waitedMs = visit.within(limitMs)
  const socket = connectTcp({ host, port, noDelay: true, lookup: visit.lookup })
  const opened = new Promise<Socket | LinkEvidence>((resolve) => {
    // Stays for good: an error after the end must not become an uncaught one.
    socket.on('error', (error) => resolve({ kind: 'error', stage: 'transport', error }))
    socket.once('connect', () => resolve(socket))
  })
  const late: LinkEvidence = { kind: 'timeout', stage: 'transport', waitedMs }
  const outcome = await orLate<Socket | LinkEvidence, LinkEvidence>(visit.clock, waitedMs, opened, late)
  if ('kind' in outcome) socket.destroy()
  return outcome
}

/** Whether anything listens at the broker's port. */
export async function tcpStep(visit: Visit): Promise<StepResult> {
  const begun = visit.clock.now()
  const outcome = await openTcp(visit, visit.limits.tcpMs)
  const ms = visit.clock.now() - begun
  if ('kind' in outcome) {
    const { code, raw } = visit.faultOf(outcome)
    const notRunning = code === 'refused' && visit.broker.own !== undefined
    return troubled('tcp', 'fail', notRunning ? 'bridgeNotRunning' : code, { raw, ms })
  }
  outcome.destroy()
  return passed('tcp', visit.texts.portAnswers(visit.broker.address.port), ms)
}
