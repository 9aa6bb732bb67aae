import type {
  LightCheckOverview,
  LightCheckSeat,
  PlatformOverview,
} from '../../protocol/contract/console-api.ts'
import { Mark, Name, type Level } from './marks.tsx'
import type { Shell } from './shell.ts'
import { usePart } from './store.ts'
import { seatKeyName, type Words } from './words.ts'

/** The 60-second light check of one platform: start, progress as it goes, how it ended. */
export function LightCheck({
  shell,
  platform,
}: {
  readonly shell: Shell
  readonly platform: PlatformOverview
}) {
  const { words, act, model } = shell
  const { light } = words.texts
  const { name, lightCheck } = platform
  const why = useHindrance(shell, name)
  const running = lightCheck?.state === 'running'
  const request = (action: 'start' | 'stop') => void act(model.api.lightCheck({ platform: name, action }))
  const reason = `light-check-${encodeURIComponent(name)}`
  return (
    <section class="light-check">
      <h3>{light.title}</h3>
      {lightCheck !== undefined && <Progress shell={shell} check={lightCheck} />}
      {lightCheck === undefined && <p class="quiet">{light.intro}</p>}
      {running ? (
        <button type="button" onClick={() => request('stop')}>
          {light.stop}
        </button>
      ) : (
        <p class="buttons">
          <button
            type="button"
            disabled={why !== undefined}
            aria-describedby={reason}
            onClick={() => request('start')}
          >
            {light.start}
          </button>{' '}
          <span id={reason} class="quiet">
            {why}
          </span>
        </p>
      )}
      {lightCheck?.state === 'done' && (
        <p>
          <a href={`#result/${encodeURIComponent(name)}`}>{light.result}</a>
        </p>
      )}
    </section>
  )
}

/** Why the check can't begin now; undefined: it can, as far as the console knows (the bridge has the last word). */
function useHindrance(shell: Shell, platform: string): string | undefined {
  const { light } = shell.words.texts
  const phase = usePart(shell.model.live, (live) => {
    const known = live.states[platform]?.phase
    const isJury = known?.kind === 'break' && (known.breakType === 'JURY' || known.breakType === 'CHALLENGE')
    return isJury ? 'jury' : known?.kind
  })
  switch (phase) {
    case 'jury':
      return light.juryAtWork
    case undefined:
    // So it looks after the bridge's start too, whatever goes on; the bridge refuses then.
    case 'idle':
      return light.noState
    case 'break':
    case 'ceremony':
      return undefined
    case 'athleteCalled':
    case 'clockRunning':
    case 'clockStopped':
    case 'downSignal':
    case 'decisionShown':
      return light.notNow
    default:
      return phase satisfies never
  }
}

function Progress({ shell, check }: { readonly shell: Shell; readonly check: LightCheckOverview }) {
  const { words, overview } = shell
  const { light } = words.texts
  const done = check.seats.filter(({ state }) => state === 'passed' || state === 'failed').length
  const left = Math.max(0, Math.ceil((check.endsAt - overview.at) / 1_000))
  return (
    <>
      <p>
        <span role="status">{summary(words, check, done)}</span>
        {check.state === 'running' && <span class="quiet"> · {light.endsIn(left)}</span>}
      </p>
      <ul class="plain">
        {check.seats.map((seat) => (
          <li key={seat.seat} class={seat.state === 'asked' ? 'now' : ''}>
            {seat.state === 'passed' || seat.state === 'failed' ? (
              <Mark words={words} level={levels[seat.state]} />
            ) : (
              <span class="mark" aria-hidden="true">
                {seat.state === 'asked' ? '▶' : '·'}
              </span>
            )}{' '}
            {seatKeyName(words, seat.seat)}: {stateText(words, seat)}
            {seat.device !== undefined && (
              <span class="quiet">
                {' '}
                (<Name text={seat.device} />
                {atBridge(words, seat)})
              </span>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

function summary({ texts: { light } }: Words, check: LightCheckOverview, done: number): string {
  if (check.state === 'running') return light.progress(done, check.seats.length)
  const passed = check.seats.filter(({ state }) => state === 'passed').length
  const ended = check.ended === undefined ? '' : ` ${light[check.ended]}`
  return `${light.resultSummary(passed, check.seats.length)}.${ended}`
}

const levels: Readonly<Record<'passed' | 'failed', Level>> = { passed: 'good', failed: 'bad' }

/** The other bridge that a seat's device is on. */
export function atBridge({ texts }: Words, { bridge }: LightCheckSeat): string {
  return bridge === undefined ? '' : `, ${texts.seat.bridge(bridge)}`
}

/** Where a seat is in the check, or what failed. */
export function stateText({ texts: { light } }: Words, { state, step, fault }: LightCheckSeat): string {
  switch (state) {
    case 'waiting':
      return light.pending
    case 'asked':
      return step === undefined ? light.asked : `${light.asked}: ${light[step]}`
    case 'passed':
      return light.passed
    case 'failed':
      return [
        light.failed,
        step === undefined ? undefined : light[step],
        fault === undefined ? undefined : light.faults[fault],
      ]
        .filter((part) => part !== undefined)
        .join(' – ')
    default:
      return state satisfies never
  }
}
