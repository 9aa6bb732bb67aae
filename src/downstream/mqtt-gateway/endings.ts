import type { CloseReason } from '../../protocol/contract/close-codes.ts'
import { reasonCodes, type ReasonCode } from './packets.ts'

/**
 * The MQTT 5 DISCONNECT reason that goes with a close reason. Who has done nothing wrong and is to come back gets none:
 * libmosquitto takes any DISCONNECT for the end and never tries again. MQTT 5 asks for none there, and has the silent
 * ended "as if the network had failed" [MQTT-3.1.2-22].
 */
export const disconnectReasons: Partial<Record<CloseReason, ReasonCode>> = {
  protocolError: reasonCodes.protocolError,
  badText: reasonCodes.malformedPacket,
  tooLarge: reasonCodes.packetTooLarge,
  takenOver: reasonCodes.sessionTakenOver,
  slowConsumer: reasonCodes.quotaExceeded,
  tooFast: reasonCodes.messageRateTooHigh,
  passEnded: reasonCodes.notAuthorised,
  seatTaken: reasonCodes.administrativeAction,
}

/** Whoever is shown the door leaves nothing behind: no session to come back to, and no last will. */
export const endsForGood: ReadonlySet<CloseReason> = new Set(['passEnded', 'seatTaken'])
