import { expect, it } from 'vitest'
import { attacks } from '../../bench/load/attacks.ts'
import { attackedBy, soak } from '../../bench/load/soak.ts'
import { describeIf, requirement } from '../support/requirements.ts'

/**
 * SECURITY.md, "Attacks": officials of one hall play a recorded session while each attack goes on beside them, from their own
 * address. `npm run bench:soak` does the same for longer, and tells times: those are the machine's, what is held here is ours.
 */
const options = { seconds: 1.5, speed: 20, platforms: ['A'], pingEveryMs: 20 }
const mostBytes = 256 * 2 ** 20

describeIf(requirement('mosquitto'))(
  'every press of an official gets through, and memory stays small, beside',
  () => {
    it.each(attacks)('%s', async (...attack) => {
      const { figures, peakBytes, connections } = await soak(attackedBy(attack), options)
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
