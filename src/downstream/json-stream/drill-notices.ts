import type { Seat } from '../../protocol/contract/seat.ts'
import type { ServerMessage } from '../../protocol/contract/stream-message.ts'
import type { DrillDesk } from './context.ts'

/** Tells one seat what the light check of its platform wants of it, whenever that changes. Returns how to stop it. */
export function tellDrills(
  drills: DrillDesk,
  seat: Seat,
  now: () => number,
  send: (message: ServerMessage) => void,
): () => void {
  let told = JSON.stringify({ on: false })
  const tell = (): void => {
    const notice = drills.noticeFor(seat)
    const text = JSON.stringify(notice)
    if (text === told) return
    told = text
    send({ type: 'drill', platform: seat.platform, ...notice, at: now() })
  }
  tell()
  return drills.listen((platform) => {
    if (platform === seat.platform) tell()
  })
}
