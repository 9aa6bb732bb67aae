/** The demo's first page, in English, which the other languages are held to. */
export const demo = {
  title: 'You are the three referees',
  intro: 'A simulated competition runs on this computer. The timekeeper is a robot; the decisions are yours.',
  /** Five: what to do, and what is to be seen. */
  steps: [
    'Wait until the clock has stopped: the lift is done.',
    'Choose white or red for all three referees (or type 1 to 6). The green frame says that owlcms has the decision; then the lights come on.',
    'Next lift: decide for two only. The third referee is reminded.',
    'Decide once more when the lights are on: it is too late, and the page says so. Nothing lands on the next athlete.',
    'Be the organiser: open the console, then the journal with every decision.',
  ],
  open: {
    console: 'Organiser’s console',
    password: 'Password:',
    journal: 'Journal',
    status: 'Public page',
  },
}

export type DemoWords = typeof demo
