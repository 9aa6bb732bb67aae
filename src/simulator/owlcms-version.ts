/** What an owlcms release does differently on MQTT (docs/owlcms.md 1.9, 1.10 and the notes of 4.2). */
export interface OwlcmsAbilities {
  /** `fop/start` and `fop/stop` are published (since 55.3). */
  readonly announcesClock: boolean
  /** `toggle`, and words after `start`, are understood on the clock topic (documented since 58.1). */
  readonly understandsToggle: boolean
  /** Jury `stop` outside an interruption only resets the lights (first seen in 61). */
  readonly harmlessJuryStop: boolean
  /** A decision is taken although the clock was not started (since 64.0). */
  readonly decidesBeforeClock: boolean
  /** `fop/decision` may carry `n hidden` (since 69). */
  readonly hidesDecisions: boolean
  /** `fop/athleteClock` and `fop/breakClock` are published: announced in July 2026, taken for the release after 69. */
  readonly tellsClocks: boolean
  /** Client ids are `<F>_owlcms_<startup id>` (first seen in 61), before `<F>_<ms>` (docs/owlcms.md 1.7). */
  readonly namesItselfOwlcms: boolean
}

/** The release that the simulator plays when nothing else is asked for. */
export const defaultOwlcmsVersion = '69.0.0'

/**
 * Reads `major.minor` from a version text; suffixes such as `-rc02` are ignored.
 * @throws RangeError if the text does not start with a number: a mistake of the caller.
 */
export function abilitiesOf(version: string): OwlcmsAbilities {
  const match = /^([0-9]{1,4})(?:\.([0-9]{1,4}))?/.exec(version)
  if (match === null) throw new RangeError('an owlcms version starts with a number')
  const major = Number(match[1])
  const minor = Number(match[2] ?? 0)
  const since = (wantedMajor: number, wantedMinor: number) =>
    major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
  return {
    announcesClock: since(55, 3),
    understandsToggle: since(58, 1),
    harmlessJuryStop: since(61, 0),
    decidesBeforeClock: since(64, 0),
    hidesDecisions: since(69, 0),
    tellsClocks: since(70, 0),
    namesItselfOwlcms: since(61, 0),
  }
}
