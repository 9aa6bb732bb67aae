/** Words of the hall that every page uses: places, seats, what happens. English, which the other languages are held to. */
export const shared = {
  platform: (platform: string) => `Platform ${platform}`,
  role: {
    referee: 'Referee',
    soloReferee: 'Solo referee',
    juryMember: 'Jury member',
    juryPresident: 'Jury president',
    timekeeper: 'Timekeeper',
    technicalController: 'Technical controller',
    viewer: 'Viewer',
  },
  phase: {
    idle: 'Waiting for the session',
    athleteCalled: 'Athlete called',
    clockRunning: 'Clock running',
    clockStopped: 'Clock stopped',
    downSignal: 'Down signal',
    decisionShown: 'Decision',
    break: 'Break',
    ceremony: 'Ceremony',
  },
  /** By owlcms's own words for breaks. */
  breakType: {
    JURY: 'Jury deliberation',
    CHALLENGE: 'Challenge',
    TECHNICAL: 'Technical break',
    MARSHAL: 'Marshal’s break',
    BEFORE_INTRODUCTION: 'Before the introduction',
    FIRST_SNATCH: 'Before the first snatch',
    FIRST_CJ: 'Before the first clean and jerk',
    GROUP_DONE: 'End of the session',
    SNATCH_DONE: 'Snatch done',
    CEREMONY: 'Ceremony',
  },
}

export type SharedTexts = typeof shared
