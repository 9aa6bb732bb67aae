import { formatMessage } from '../../protocol/owlcms/format.ts'
import type { FromDevice } from '../../protocol/owlcms/message.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import type { Publication } from '../../protocol/publication.ts'
import type { StreamCommand } from '../../protocol/contract/stream-message.ts'

/** A command of the stream as the message that a device would send. */
export function commandMessage(platform: Platform, command: StreamCommand): FromDevice {
  return command.kind === 'refereeDecision'
    ? { ...command, platform, legacy: false }
    : { ...command, platform }
}

/** Its publication, in the canonical form of docs/owlcms.md 2.2, at QoS 1. */
export function commandPublication(message: FromDevice): Publication {
  return { ...formatMessage(message), qos: 1, retain: false }
}
