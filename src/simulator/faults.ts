/** What goes wrong on purpose on one platform; docs/owlcms.md 4.10. May be changed at any time. */
export interface Faults {
  /**
   * A message may be overtaken by those of the next so many milliseconds, on its own topic too (docs/owlcms.md 1.6).
   * 0 for owlcms's posting order.
   */
  swapWithinMs: number
  /**
   * So many milliseconds pass before an acknowledgement of the broker counts, as with a distant one.
   * With 10 publications unacknowledged owlcms loses the next without a word (docs/owlcms.md 1.2).
   */
  acknowledgeAfterMs: number
  /** Of two jury votes handled in the same millisecond the second is lost (docs/owlcms.md 1.4). */
  losesSimultaneousVotes: boolean
}

/** The weak spots that every owlcms has on a good network. */
export const defaultFaults: Readonly<Faults> = {
  swapWithinMs: 10,
  acknowledgeAfterMs: 0,
  losesSimultaneousVotes: true,
}
