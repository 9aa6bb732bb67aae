import type { Circumstances, Presser, PressOutcome } from '../../hub/hub.ts'
import { onlyWatches } from '../../hub/people/permissions.ts'
import type { ErrorReason, PressMessage, ServerMessage } from '../../protocol/contract/stream-message.ts'
import { defined } from '../../protocol/defined.ts'
import { outcomeWords } from '../guests/outcome-words.ts'
import type { StreamContext } from './context.ts'
import { commandMessage, commandPublication } from './command-publication.ts'

/** Who presses, and how. */
export interface Hand {
  readonly presser: Presser
  /** Within which its command ids count. */
  readonly scope: string
  /** Whether a press of this moment may come from an offline queue, since the client has only just begun (R4). */
  readonly flushing: boolean
  /** Whether it is within its rate. */
  readonly withinRate: boolean
}

/**
 * A command: passed on at once or refused (R1), once per id. `reply` gets `ack` or `error`, and later receipts;
 * whoever sends the same command again gets the same answer.
 */
export function handlePress(
  context: StreamContext,
  hand: Hand,
  message: PressMessage,
  reply: (answer: ServerMessage) => void,
): void {
  const { counters, commands, clock } = context
  counters.streamCommands += 1
  const { id, platform, command, fence } = message
  // What is refused in any case takes up no memory, or others' ids would be forgotten for it (R7).
  const isRefused = onlyWatches(hand.presser.principal) || !hand.withinRate
  if (isRefused && !commands.knows(hand.scope, id)) {
    passOn(context, hand, message, reply)
    return
  }
  const body = JSON.stringify([platform, command, fence ?? null])
  const remembered = commands.remember(hand.scope, id, body, clock.now(), reply)
  if (remembered.kind === 'reused') {
    reply(refusal(id, 'idReused', 'this id was used for another command'))
  } else if (remembered.kind === 'repeated') {
    counters.streamRepeated += 1
  } else {
    passOn(context, hand, message, remembered.tell)
  }
}

function passOn(
  { hub, platforms, clock }: StreamContext,
  { presser, flushing, withinRate }: Hand,
  { id, platform: name, command, fence, at }: PressMessage,
  tell: (answer: ServerMessage) => void,
): void {
  const platform = platforms.find(name)
  if (platform === undefined) {
    tell(refusal(id, 'unknownPlatform', 'owlcms has no platform of this name now'))
    return
  }
  const circumstances: Circumstances = {
    redelivered: false,
    // Without a fence nothing but the moment tells how old a press is.
    flushed: flushing && fence === undefined,
    overRate: !withinRate,
    ...defined({ fence, madeAt: at }),
  }
  hub.publish(
    presser,
    commandPublication(commandMessage(platform, command)),
    circumstances,
    (outcome) => tell(answer(id, outcome)),
    (receipt) => tell({ type: 'receipt', id, ...receipt, at: clock.now() }),
  )
}

/** `ack` only when the broker has it (R3). */
function answer(id: string, outcome: PressOutcome): ServerMessage {
  if (outcome.kind === 'delivered' || outcome.kind === 'drill')
    return { type: 'ack', id, outcome: outcome.kind }
  const { reason, text } = outcomeWords(outcome)
  return refusal(id, reason, text)
}

function refusal(id: string, reason: ErrorReason, text: string): ServerMessage {
  return { type: 'error', id, reason, text }
}
