import type { SeatOverview } from '../../protocol/contract/console-api.ts'
import { deviceFacts } from './device-facts.ts'
import { Mark, Name } from './marks.tsx'
import type { Shell } from './shell.ts'
import { seatTroubles, type Trouble } from './troubles.ts'
import type { Words } from './words.ts'

/** Each trouble in plain words, with the next step. */
export function TroubleList({
  words,
  troubles,
}: {
  readonly words: Words
  readonly troubles: readonly Trouble[]
}) {
  if (troubles.length === 0) return null
  return (
    <ul class="plain troubles">
      {troubles.map(({ key, level, what, next }) => (
        <li key={key}>
          <Mark words={words} level={level} /> <b>{sentence(what)}</b> {next}
        </li>
      ))}
    </ul>
  )
}

/** With its full stop, unless it is a question. */
export function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}

interface DecisionFacts {
  readonly shell: Shell
  readonly platform: string
  readonly seat: SeatOverview
}

/** "Which one counts?": one button for each device that wants the seat. Outside live regions, so that it stays put. */
export function DecisionButtons({ shell, platform, seat }: DecisionFacts) {
  const { words, act, model } = shell
  const { seat: text } = words.texts
  return (
    <>
      {seatTroubles(words, seat)
        .filter(({ choose }) => choose !== undefined)
        .map(({ key, what, choose = [] }) => (
          <div key={key} class="decision" role="group" aria-label={what}>
            <p>
              <Name text={platform} /> · <b>{what}</b>
            </p>
            {choose.map((device) => (
              <button
                key={device.id}
                type="button"
                onClick={() =>
                  void act(model.api.decide({ platform, seat: seat.seat, keep: device.id }), text.decided)
                }
              >
                {text.keep(device.name)}
                <span class="reason">{deviceFacts(words, device, shell.overview.at)}</span>
              </button>
            ))}
          </div>
        ))}
    </>
  )
}
