/** What owlcms's operator sets for a competition and may change while it runs; docs/owlcms.md 4.1, 4.5, 4.6. */
export interface Rules {
  /** 3 or 5. */
  jurySize: number
  /** Whether the announcer must confirm jury decisions. */
  announcerConfirmsJury: boolean
  /** One referee decides for all three. */
  singleReferee: boolean
  /** Whether the lights of the announcer or the single referee show at once, rather than after 3 s. */
  immediateDecision: boolean
  /** Length in milliseconds of the automatic break between snatch and clean & jerk; undefined for none. */
  firstCleanJerkBreakMs: number | undefined
  /** A jury of four reviews: `fop/decision` tells `n hidden`. Only its shape is known, and only from 69 on. */
  juryReview: boolean
}

/** As owlcms comes, but without the automatic break. */
export const defaultRules: Readonly<Rules> = {
  jurySize: 3,
  announcerConfirmsJury: true,
  singleReferee: false,
  immediateDecision: true,
  firstCleanJerkBreakMs: undefined,
  juryReview: false,
}

/** The rules that are told, completed by the defaults; a copy that may be changed. */
export function completeRules(told: Partial<Rules>): Rules {
  const rules = { ...defaultRules }
  return {
    jurySize: told.jurySize ?? rules.jurySize,
    announcerConfirmsJury: told.announcerConfirmsJury ?? rules.announcerConfirmsJury,
    singleReferee: told.singleReferee ?? rules.singleReferee,
    immediateDecision: told.immediateDecision ?? rules.immediateDecision,
    firstCleanJerkBreakMs: told.firstCleanJerkBreakMs ?? rules.firstCleanJerkBreakMs,
    juryReview: told.juryReview ?? rules.juryReview,
  }
}
