import type { PressReport } from '../contract/press-report.ts'
import { pressKind } from './fence.ts'
import type { FromDevice, OwlcmsMessage } from '../owlcms/message.ts'
import { commandKinds } from '../owlcms/topics.ts'

/** What a device says that is a press. */
export type PressMessage = Exclude<FromDevice, { readonly kind: 'configRequest' | 'test' }>

/** Whether it changes a competition: everything of a device but a question and a test. */
export function isPress(message: OwlcmsMessage): message is PressMessage {
  return (commandKinds as readonly string[]).includes(message.kind)
}

/** Milliseconds from a press to its return from the broker, at most: its turn, and a slow link. */
const returnMs = 10_000
/** What another bridge tells of a press is dated by the way of its word, which may be as long. */
const datingMs = 1_000

/** Presses of one kind are told apart by the official's number only where the message tells one. */
export function keyOfReport({ kind, seat }: PressReport): string {
  return keyOf(kind, Number(/-([0-9])$/.exec(seat)?.[1] ?? 0))
}

/** The same of a press as it comes back from the broker. */
export function keyOfMessage(message: PressMessage): string {
  if (message.kind === 'refereeDecision') return keyOf(pressKind(message), message.referee)
  return keyOf(pressKind(message), message.kind === 'juryVote' ? message.member : 0)
}

function keyOf(kind: PressReport['kind'] | undefined, number: number): string {
  return kind === 'refereeDecision' || kind === 'juryVote' ? `${kind} ${number}` : String(kind)
}

/** Whether what came back from the broker at this moment may be this press. */
export function mayBeReturn({ at: pressedAt, bridge }: PressReport, at: number): boolean {
  const early = bridge === undefined ? 0 : datingMs
  return at >= pressedAt - early && at - pressedAt < returnMs
}
