import type { Circumstances, Hub, PressOutcome, Session } from '../../hub/hub.ts'
import { formatMessage } from '../../protocol/format-message.ts'
import type { FromDevice } from '../../protocol/owlcms-message.ts'
import type { Platform } from '../../protocol/owlcms.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { Receipt, StreamCommand } from '../../protocol/stream-message.ts'

/** One command on its way up. */
export interface Press {
  readonly session: Session
  readonly platform: Platform
  readonly message: FromDevice
  readonly publication: Publication
  readonly fence: number | undefined
  readonly circumstances: Circumstances
}

/** Told to the client, also after it reconnected. */
export interface PressReports {
  /** Exactly once: what the broker said, or why it was never asked. */
  settled(outcome: PressOutcome): void
  /** Any number of times after `settled`: what owlcms made of it. */
  receipt(receipt: Receipt): void
}

/** Where commands of the stream go. The seam for press receipts: they wrap this path and add `receipt`. */
export type PressPath = (press: Press, reports: PressReports) => void

/** Straight to the hub: what the broker says, and nothing of owlcms's echo. */
export function hubPressPath(hub: Hub): PressPath {
  return ({ session, publication, circumstances }, reports) => {
    hub.publish(session, publication, circumstances, (outcome) => reports.settled(outcome))
  }
}

/** A command of the stream as the message that a device would send. */
export function commandMessage(platform: Platform, command: StreamCommand): FromDevice {
  return command.kind === 'refereeDecision'
    ? { ...command, platform, legacy: false }
    : { ...command, platform }
}

/** Its publication, in the canonical form of protocol.md 2.2, at QoS 1. */
export function commandPublication(message: FromDevice): Publication {
  return { ...formatMessage(message), qos: 1, retain: false }
}
