import { ownUpgrades } from '../downstream/transport/upgrade.ts'
import { createSetupApp } from '../http/app.tsx'
import type { FrontDoor } from '../http/door/front-door.ts'
import { answerOf } from '../http/door/listen.ts'
import type { SetupFacts } from '../http/views.ts'
import type { WebOptions } from '../http/door/web-basics.ts'
import { systemClock } from '../support/clock.ts'
import { defaultClientLimits } from '../support/limits.ts'

/** Opens the door to the setup page: for settings that are missing or wrong (R9). */
export function openSetup(door: FrontDoor, facts: SetupFacts, options: WebOptions): void {
  const { closeTimeoutMs } = defaultClientLimits
  ownUpgrades(door.server, [], { clock: systemClock, closeTimeoutMs, allowedOrigins: [] })
  door.open(answerOf(createSetupApp(facts, options)))
}
