import { useEffect, useState } from 'hono/jsx/dom'
import type { CodeOverview } from '../../protocol/contract/console-api.ts'
import { Name } from './marks.tsx'
import { RevokeCode } from './revoke-button.tsx'
import type { Shell } from './shell.ts'
import { seatKeyName, type Words } from './words.ts'

/** The codes that are out: when each was made, what it did last and on which device. Those that were taken back are folded away. */
export function CodeList({ shell }: { readonly shell: Shell }) {
  const { words, model, overview } = shell
  const { codes: text } = words.texts
  const [codes, setCodes] = useState<readonly CodeOverview[] | undefined>(undefined)
  // With each overview, so that what was just revoked is so here too.
  useEffect(() => {
    void model.heed(model.api.codes()).then((answer) => {
      if (answer.kind === 'ok') setCodes(answer.value.codes)
    })
  }, [overview.at])
  if (codes === undefined) return null
  const list = (some: readonly CodeOverview[]) => (
    <ul class="plain codes">
      {some.map((code) => (
        <li key={code.tokenId}>
          <Code shell={shell} code={code} />
        </li>
      ))}
    </ul>
  )
  const revoked = codes.filter(({ isRevoked }) => isRevoked)
  return (
    <>
      <h3>{text.title}</h3>
      <p class="quiet">{text.intro(words.date(overview.startedAt))}</p>
      {list(codes.filter(({ isRevoked }) => !isRevoked))}
      {revoked.length > 0 && (
        <details>
          <summary>{text.revoked(revoked.length)}</summary>
          {list(revoked)}
        </details>
      )}
    </>
  )
}

function Code({ shell, code }: { readonly shell: Shell; readonly code: CodeOverview }) {
  const { words, overview } = shell
  const { platform = '', tokenId } = code
  const seat = seatKeyName(words, code.seat)
  return (
    <>
      <span>
        <b>
          <Name text={platform} /> · {seat}
        </b>
        <br />
        <span class="quiet">{codeFacts(words, code, overview.at)}</span>
      </span>
      {!code.isRevoked && <RevokeCode shell={shell} tokenId={tokenId} seat={seat} platform={platform} />}
    </>
  )
}

function codeFacts(words: Words, { madeAt, last, device }: CodeOverview, now: number): string {
  const { codes: text, seat } = words.texts
  return [
    text.made(words.ago(madeAt, now)),
    last === undefined ? text.unused : text[last.what](words.ago(last.at, now)),
    ...(device === undefined ? [] : [text.on(device.name), device.connected ? seat.connected : seat.away]),
  ].join(' · ')
}
