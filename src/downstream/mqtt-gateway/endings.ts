import type { CloseReason } from '../../protocol/close-codes.ts'
import { reasonCodes, type ReasonCode } from './packets.ts'

/** The MQTT 5 DISCONNECT reason that goes with a close reason. */
export const disconnectReasons: Partial<Record<CloseReason, ReasonCode>> = {
  protocolError: reasonCodes.protocolError,
  badText: reasonCodes.malformedPacket,
  tooLarge: reasonCodes.packetTooLarge,
  internalError: reasonCodes.unspecified,
  restarting: reasonCodes.serverShuttingDown,
  takenOver: reasonCodes.sessionTakenOver,
  slowConsumer: reasonCodes.quotaExceeded,
  tooFast: reasonCodes.messageRateTooHigh,
  silent: reasonCodes.keepAliveTimeout,
  tokenRefused: reasonCodes.notAuthorised,
  seatTaken: reasonCodes.administrativeAction,
}

/** Whoever is shown the door leaves nothing behind: no session to come back to, and no last will. */
export const endsForGood: ReadonlySet<CloseReason> = new Set(['tokenRefused', 'seatTaken'])
