import { expect, it } from 'vitest'
import { attacks } from '../../bench/load/attacks.ts'
import { attackedBy, soak, type Beside } from '../../bench/load/soak.ts'
import { describeIf, requirement } from '../support/requirements.ts'

/**
 * SECURITY.md, "Attacks": officials of one hall play a recorded session while each attack goes on beside them, from their own
 * address. `npm run bench:soak` does the same for longer, and tells times: those are the machine's, what is held here is ours.
 */
const options = { atLeast: 6, seconds: 1.5, speed: 20, platforms: ['A'], pingEveryMs: 20 }
const mostBytes = 256 * 2 ** 20

let last: Promise<unknown> = Promise.resolve()

/** One attack at a time has the machine; the halls of the next ones are made ready meanwhile. */
const inTurn =
  (beside: Beside): Beside =>
  async (venue) => {
    const before = last
    let over: () => void = () => undefined
    last = new Promise<void>((resolve) => (over = resolve))
    await before
    try {
      const attackers = await beside(venue)
      return {
        get connections() {
          return attackers.connections
        },
        stop: () => attackers.stop().finally(over),
      }
    } catch (error) {
      over()
      throw error
    }
  }

describeIf(requirement('mosquitto'))(
  'every press of an official gets through, and memory stays small, beside',
  () => {
    it.concurrent.each(attacks)('%s', { timeout: 180_000 }, async (...attack) => {
      const { figures, peakBytes, connections } = await soak(inTurn(attackedBy(attack)), options)
      expect(figures.refused).toEqual([])
      expect([figures.answers.length > 5, figures.pings.length > 5, connections > 0]).toEqual([
        true,
        true,
        true,
      ])
      expect(peakBytes).toBeLessThan(mostBytes)
    })
  },
)
