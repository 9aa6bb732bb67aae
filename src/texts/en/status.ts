/** The status page and the overview's blocks, in English, which the other languages are held to. */
export const status = {
  signIn: 'Sign in',
  version: (v: string) => `version ${v}`,
  noConnection: 'No connection to the bridge',
  pictureFrom: (time: string) => `this picture is from ${time}`,
  firstStep:
    'No decision has come from a device yet. Sign in to print a code for each official’s phone, or connect the boxes.',
  runningFor: (time: string) => `Running for ${time}.`,
  stageDisplay: (platform: string) => `Stage display of ${platform}`,
  days: (n: number) => `${n} days`,
  headline: {
    bridgeStarting: 'Wait: the bridge is starting',
    down: 'Decisions do not get through',
    offline: (platforms: string) => `Decisions from ${platforms} do not get through`,
    starting: (platforms: string) => `Wait: ${platforms} is starting`,
    twice: 'Two owlcms take the decisions: stop one',
    good: 'Decisions get through',
    silent: 'owlcms takes no decisions',
    waiting: 'Waiting for owlcms',
  },
  restart: {
    title: 'This bridge',
    word: 'Restarts soon',
    sentence: 'It will restart at the next break. Until then everything works as usual.',
    why: 'It was told to stop, for a new version or by the hosting platform.',
    waiting: (time: string) => `waiting for ${time}`,
    left: (time: string) => `${time} at most are left`,
  },
  other: {
    title: (name: string) => `Bridge ${name}`,
    word: 'Also here',
    twice: 'Runs twice',
    sentence: 'It is connected to the same broker. Both pass decisions on.',
    unheard: 'Not heard',
    unheardSentence:
      'We don’t hear it: until then each bridge decides for itself who sits on a seat, so two phones may decide for one. Let the broker’s user publish on owlcms/bridge/#.',
    since: (time: string) => `for ${time}`,
  },
  broker: {
    starting: 'Starting',
    startingSentence: 'The bridge is starting: try again in a moment.',
    title: 'Broker',
    connected: 'Connected',
    connectedFor: (time: string) => `Connected for ${time}.`,
    own: 'This bridge',
    ownFor: (time: string) => `The bridge is the broker itself, for ${time}.`,
    losses: (n: number) => (n === 1 ? `was lost ${n} time` : `was lost ${n} times`),
    roundTrip: (ms: number) => `there and back in ${ms} ms`,
    noLink: 'No link',
    downFor: (time: string) => `down for ${time}`,
    nextTry: (time: string) => `next try in ${time}`,
    attempt: (n: number) => `try ${n}`,
    connecting: 'Connecting',
    connectingSentence: 'The bridge is connecting to the broker.',
    again: 'trying again now',
    stopped: 'Stopped',
    stoppedSentence: 'The bridge is shutting down.',
  },
  owlcms: {
    answers: 'Answers',
    answersSentence: 'owlcms is there and takes decisions.',
    silent: 'No answer',
    asking: 'Asking',
    askingSentence: 'The bridge has asked owlcms whether it is there.',
    unknown: 'Not known',
    unknownSentence: 'Nobody can tell while the link to the broker is down. Repair that first.',
    jury: (size: number) => `jury of ${size}`,
  },
  clock: {
    title: 'Clock',
    ago: (time: string) => `${time} ago`,
    slept: {
      word: 'Slept',
      why: 'Nothing got through meanwhile. It is awake again, and its times are right.',
      nextStep: 'Switch its sleep off for the competition, also with the lid closed.',
    },
    sleptFor: (time: string) => `The computer of this bridge slept for ${time}.`,
    set: {
      word: 'Was set',
      why: 'It was wrong before, as on a computer that was just switched on. The bridge goes by the new time.',
      nextStep:
        'Links made on this bridge before may be refused: make new ones. What was revoked before, revoke again.',
    },
    setForward: (time: string) => `The clock of this bridge’s computer was set forward by ${time}.`,
    setBack: (time: string) => `The clock of this bridge’s computer was set back by ${time}.`,
  },
  heard: (time: string) => `last heard ${time} ago`,
  pressed: (time: string) => `last decision or signal ${time} ago`,
  platform: {
    ready: { word: 'Ready', sentence: 'Decisions get through.' },
    starting: {
      word: 'Starting',
      sentence: 'owlcms is starting this platform. Wait 2 seconds before anybody uses a button.',
    },
    quiet: { word: 'Quiet', sentence: 'Nothing heard from this platform yet. Normal before a session.' },
    offline: {
      word: 'Offline',
      sentence: 'Decisions of this platform do not get through. Use flags or paddles.',
    },
  },
  dropped: (n: number) =>
    n === 1
      ? `${n} decision or signal was not delivered since the bridge started. Ask the officials whether owlcms shows it.`
      : `${n} decisions or signals were not delivered since the bridge started. Ask the officials whether owlcms shows them.`,
}

export type StatusWords = typeof status
