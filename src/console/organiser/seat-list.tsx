import type { PlatformOverview, SeatOverview } from '../../protocol/contract/console-api.ts'
import { pressOutcomes } from '../../protocol/contract/press-report.ts'
import { parseSeatKey } from '../../protocol/contract/seat.ts'
import type { Platform } from '../../protocol/owlcms/topics.ts'
import { DeviceLine } from './device-line.tsx'
import { Mark } from './marks.tsx'
import { RevokeButton } from './revoke-button.tsx'
import type { Shell } from './shell.ts'
import { Sparkline } from './sparkline.tsx'
import { usePart } from './store.ts'
import { sentence, TroubleList } from './trouble-list.tsx'
import { awayTrouble, isLiftOn, seatLevel, seatTroubles } from './troubles.ts'
import { seatKeyName } from './words.ts'

/** Each seat of a platform: whether it is there, its last press and its delay, what is wrong, and the rest folded away. */
export function SeatList({
  shell,
  platform,
}: {
  readonly shell: Shell
  readonly platform: PlatformOverview
}) {
  const { seat: text } = shell.words.texts
  const isLifting = usePart(shell.model.live, ({ states }) => isLiftOn(states[platform.name]))
  const away = awayTrouble(shell.words, platform, isLifting)
  return (
    <section>
      <h3>{text.title}</h3>
      {away !== undefined && (
        <p class={away.level === 'bad' ? 'note bad' : 'quiet away'}>
          {sentence(away.what)} {away.level === 'bad' && away.next}
        </p>
      )}
      {platform.seats.length === 0 && <p class="quiet">{text.none}</p>}
      <ul class="plain seats">
        {platform.seats.map((seat) => (
          <li key={seat.seat}>
            <SeatRow shell={shell} platform={platform.name} seat={seat} />
          </li>
        ))}
      </ul>
    </section>
  )
}

interface SeatRowFacts {
  readonly shell: Shell
  readonly platform: string
  readonly seat: SeatOverview
}

function SeatRow({ shell, platform, seat }: SeatRowFacts) {
  const { words, overview } = shell
  const { seat: text } = words.texts
  const troubles = seatTroubles(words, seat)
  const lastPressAt = Math.max(...seat.devices.map((device) => device.lastPressAt ?? 0))
  const { delay } = seat
  const pressed = lastPressAt > 0 ? words.ago(lastPressAt, overview.at) : undefined
  const whole = [
    pressed === undefined ? text.neverPressed : text.lastPress(pressed),
    ...(delay === undefined ? [] : [text.delay(words.ms(delay.p50Ms), words.ms(delay.p95Ms))]),
  ].join(' · ')
  return (
    <article class="seat">
      <details>
        <summary>
          <h4>
            <Mark words={words} level={seatLevel(words, seat)} /> {seatKeyName(words, seat.seat)}
          </h4>
          {delay !== undefined && <Sparkline words={words} delaysMs={delay.recentMs} />}
          <span class="quiet figures" aria-hidden="true">
            <span>{pressed ?? '–'}</span>
            <span>{delay === undefined ? '' : words.ms(delay.p50Ms)}</span>
          </span>
          <span class="unseen"> – {whole}</span>
        </summary>
        <p class="quiet">{whole}</p>
        <SeatDetails shell={shell} platform={platform} seat={seat} />
      </details>
      <TroubleList words={words} troubles={troubles} />
    </article>
  )
}

function SeatDetails({ shell, platform, seat }: SeatRowFacts) {
  const { words } = shell
  const { seat: text, outcome, revoke, common } = words.texts
  const name = seatKeyName(words, seat.seat)
  const counted = pressOutcomes.filter((one) => (seat.outcomes[one] ?? 0) > 0)
  const place = parseSeatKey(seat.seat)
  return (
    <>
      {seat.devices.map((device) => (
        <DeviceLine key={device.id} shell={shell} device={device} seat={seat.seat} />
      ))}
      {counted.length > 0 && (
        <table>
          <caption>{text.outcomes}</caption>
          {counted.map((one) => (
            <tr key={one}>
              <th scope="row">{outcome[one]}</th>
              <td>{seat.outcomes[one]}</td>
            </tr>
          ))}
        </table>
      )}
      {place !== undefined && (
        <RevokeButton
          shell={shell}
          request={{ what: 'seat', seat: { platform: platform as Platform, ...place } }}
          question={{
            title: `${revoke.seat}: ${name}`,
            text: revoke.seatAsk(name, platform),
            action: revoke.seat,
          }}
        >
          <span class="unseen">
            {' '}
            {name}, {common.platform} {platform}
          </span>
        </RevokeButton>
      )}
    </>
  )
}
