import type { LoadedConfig } from '../config/config.ts'
import type { CheckTexts } from '../texts/check-texts.ts'
import { say } from '../texts/saying.ts'
import { passed, type StepResult } from './finding.ts'

/** How long it is, not what it is: a password that was cut on its way shows. */
function characters(text: string): number {
  return Array.from(text).length
}

/**
 * What the settings say, in the very words of the setup page: one finding for each fault and each warning. Of the
 * values only the port is shown: any other may hold a password pasted into the wrong place.
 */
export function settingsFindings(loaded: LoadedConfig, texts: CheckTexts): readonly StepResult[] {
  const warnings = loaded.warnings.map(({ setting, saying }): StepResult => ({
    step: 'settings',
    result: 'warn',
    what: `${setting}: ${say(texts.setup.warnings, saying)}`,
  }))
  if (loaded.kind === 'faulty') {
    const faults = loaded.faults.map(({ setting, problem, saying }): StepResult => {
      const { what, why, nextStep } = say(texts.setup.faults, saying)
      return {
        step: 'settings',
        result: 'fail',
        code: problem,
        what: `${setting}: ${what}`,
        why,
        nextStep,
      }
    })
    return [...faults, ...warnings]
  }
  const { address, username, password, ca, own } = loaded.config.broker
  const words = texts.settings
  const login =
    username === undefined
      ? words.anonymous
      : password === undefined
        ? words.userOnly(characters(username))
        : words.both(characters(username), characters(password))
  const whole = ca === undefined ? login : words.authority(login)
  const all = own === undefined ? whole : words.own(whole)
  const what = words.readable(address.port, words.transport[address.transport], all)
  return [...warnings, passed('settings', what)]
}
