import type { LightCheckSeat } from '../../protocol/contract/console-api.ts'
import { atBridge, stateText } from './light-check.tsx'
import { ColumnHeads, Mark, Name } from './marks.tsx'
import type { Shell } from './shell.ts'
import { seatKeyName, type Words } from './words.ts'

/** What the light check found, to print and to keep: seat, device, delay, passed or what failed. */
export function ResultView({ shell, platform }: { readonly shell: Shell; readonly platform: string }) {
  const { words, overview } = shell
  const { light, common } = words.texts
  const check = overview.platforms.find(({ name }) => name === platform)?.lightCheck
  if (check === undefined) {
    return (
      <>
        <h1>{light.resultTitle}</h1>
        <p class="sentence">{light.noResult}</p>
        <a href="#hall">{light.back}</a>
      </>
    )
  }
  const passed = check.seats.filter(({ state }) => state === 'passed').length
  return (
    <div class="paper result">
      <h1>
        {light.resultTitle}: <Name text={platform} />
      </h1>
      <p>
        {overview.name} · {words.date(check.startedAt)} · {light.resultSummary(passed, check.seats.length)}.{' '}
        {check.ended !== undefined && light[check.ended]}
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label={light.resultTitle}>
        <table class="lined">
          <ColumnHeads
            names={[light.seatColumn, light.deviceColumn, light.delayColumn, light.resultColumn]}
          />
          <tbody>
            {check.seats.map((seat) => (
              <SeatRow key={seat.seat} words={words} seat={seat} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="signature">{light.signature}: </p>
      <p class="no-print quiet">{light.printIt}</p>
      <p class="no-print buttons">
        <button type="button" class="main" onClick={() => window.print()}>
          {common.print}
        </button>{' '}
        <a href="#hall">{light.back}</a>
      </p>
    </div>
  )
}

function SeatRow({ words, seat }: { readonly words: Words; readonly seat: LightCheckSeat }) {
  const { light } = words.texts
  return (
    <tr>
      <th scope="row">{seatKeyName(words, seat.seat)}</th>
      <td>
        {seat.device === undefined ? light.noDevice : <Name text={seat.device} />}
        {atBridge(words, seat)}
      </td>
      <td>{seat.p95Ms === undefined ? '–' : words.ms(seat.p95Ms)}</td>
      <td>
        {(seat.state === 'passed' || seat.state === 'failed') && (
          <Mark words={words} level={seat.state === 'passed' ? 'good' : 'bad'} />
        )}{' '}
        {stateText(words, seat)}
      </td>
    </tr>
  )
}
