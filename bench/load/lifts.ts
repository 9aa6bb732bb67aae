/**
 * What one platform says and hears during three lifts, as owlcms 69 and its boxes do: a good lift (docs/owlcms.md
 * 4.9, T1), a 2–1 no lift (T2) and one that the jury of three looks at, with a reminder. Each line: milliseconds
 * since its beginning, topic without `owlcms/`, payload; `A` is the platform. Presses are in it, since they come
 * down from the broker like everything else.
 */
const attempt = '{"athleteName":"DOE, Jane","attemptNumber":1,"liftType":"SNATCH","session":"W1"}'

const script = `
0 clock/A start
2 fop/resetDecisions/A reset
3 fop/start/A ${attempt} 60000
12000 clock/A stop
12001 fop/stop/A 48000
16000 refbox/decision/A 1 good
16001 fop/decision/A 1 good
16400 refbox/decision/A 3 good
16402 fop/stop/A 48000
16402 fop/down/A
16403 fop/decision/A 1 good
16403 fop/decision/A 3 good
16900 refbox/decision/A 2 good
16901 fop/decision/A 1 good
16901 fop/decision/A 2 good
16902 fop/decision/A 3 good
19900 fop/refereesDecision/A good
23400 fop/liftingOrderUpdated/A
40000 clock/A start
40002 fop/resetDecisions/A reset
40002 fop/start/A ${attempt} 60000
60000 refbox/decision/A 1 bad
60001 fop/decision/A 1 bad
60500 refbox/decision/A 2 good
60501 fop/decision/A 1 bad
60501 fop/decision/A 2 good
61300 refbox/decision/A 3 bad
61301 fop/stop/A 38700
61301 fop/down/A
61302 fop/decision/A 1 bad
61302 fop/decision/A 2 good
61302 fop/decision/A 3 bad
64300 fop/refereesDecision/A bad
67800 fop/liftingOrderUpdated/A
90000 clock/A start
90002 fop/resetDecisions/A reset
90002 fop/start/A ${attempt} 120000
120002 fop/timeRemaining/A 90
150000 clock/A stop
150001 fop/stop/A 60000
154000 refbox/decision/A 1 good
154001 fop/decision/A 1 good
154300 refbox/decision/A 2 good
154301 fop/down/A
154301 fop/decision/A 1 good
154301 fop/decision/A 2 good
155801 fop/decisionRequest/A 3
155802 decisionRequest/A/3 on
157000 refbox/decision/A 3 bad
157001 fop/decision/A 1 good
157001 fop/decision/A 2 good
157001 fop/decision/A 3 bad
158000 jurybox/juryMember/decision/A 1 bad
158001 fop/juryMemberDecision/A 1 hidden
158300 jurybox/juryMember/decision/A 2 bad
158301 fop/juryMemberDecision/A 2 hidden
159000 jurybox/juryMember/decision/A 3 good
159001 fop/juryMemberDecision/A 1 bad
159001 fop/juryMemberDecision/A 2 bad
159002 fop/juryMemberDecision/A 3 good
160001 fop/refereesDecision/A good
163501 fop/liftingOrderUpdated/A`

/** Milliseconds from the first message of these lifts to the first of the next ones. */
export const liftsMs = 180_000

/** One message, in the order of their times. */
export interface Line {
  readonly atMs: number
  readonly topic: string
  readonly payload: Uint8Array
}

/** The messages of these lifts on a platform. */
export function linesOfLifts(platform: string): readonly Line[] {
  return script
    .trim()
    .split('\n')
    .map((line) => {
      const [atMs = '', topic = '', ...payload] = line.split(' ')
      return {
        atMs: Number(atMs),
        topic: `owlcms/${topic.replace('/A', `/${platform}`)}`,
        payload: new TextEncoder().encode(payload.join(' ')),
      }
    })
}
