import { useEffect, useRef } from 'hono/jsx/dom'
import type { SeatLink } from '../../protocol/contract/console-api.ts'
import { CodeActions } from './code-actions.tsx'
import { Name } from './marks.tsx'
import { hostOfThisComputer } from './own-address.ts'
import { qrElement } from './qr.ts'
import { whiteLeftQuery } from '../../protocol/contract/seat.ts'
import type { Words } from './words.ts'
import { RevokeCode } from './revoke-button.tsx'
import type { Shell } from './shell.ts'
import { seatName } from '../../texts/names.ts'

interface SheetFacts {
  readonly shell: Shell
  readonly links: readonly SeatLink[]
  readonly again: () => void
}

/** The printable page: one code for each seat, the seat's name in large letters, four to a sheet of A4. */
export function SeatSheet({ shell, links, again }: SheetFacts) {
  const { sheet, common } = shell.words.texts
  const [onlyHere] = links.flatMap(({ url }) => hostOfThisComputer(url) ?? [])
  return (
    <div class="sheet">
      <div class="no-print">
        <h1>{sheet.title}</h1>
        <p role="status" class="sentence">
          {sheet.made(links.length)}
        </p>
        {onlyHere !== undefined && (
          <p role="alert" class="note warn">
            ! {sheet.onlyHere(onlyHere)}
          </p>
        )}
        <p>{sheet.secret}</p>
        <p class="buttons">
          <button type="button" class="main" autofocus onClick={() => window.print()}>
            {common.print}
          </button>{' '}
          <button type="button" onClick={again}>
            {sheet.again}
          </button>
        </p>
      </div>
      <ul class="plain pages">
        {links.map((link) => (
          <li key={link.tokenId}>
            <SeatPage shell={shell} link={link} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function SeatPage({ shell, link }: { readonly shell: Shell; readonly link: SeatLink }) {
  const { words } = shell
  const { sheet } = words.texts
  const seat = seatName(words.texts.shared, link.role, link.number)
  return (
    <article class="paper seat-page">
      <div class="about">
        <h2>{seat}</h2>
        <p class="where">
          <Name text={link.platform} />
        </p>
        <p class="how">{sheet.how}</p>
        {decides(link.role) && <Sides words={words} isWhiteLeft={link.url.includes(whiteLeftQuery)} />}
        <p class="expiry">{sheet.expires(words.date(link.expiresAt))}</p>
        <p class="no-print buttons">
          <CodeActions shell={shell} url={link.url} whose={`${seat}, ${link.platform}`}>
            <QrCode svg={link.qrSvg} label={sheet.qr(seat, link.platform)} />
          </CodeActions>{' '}
          <a href={link.url} target="_blank" rel="noopener noreferrer">
            {sheet.open}
            <span class="unseen">
              : {seat}, {link.platform}
            </span>
          </a>{' '}
          <RevokeCode shell={shell} tokenId={link.tokenId} seat={seat} platform={link.platform} />
        </p>
      </div>
      <QrCode svg={link.qrSvg} label={sheet.qr(seat, link.platform)} />
    </article>
  )
}

function decides(role: SeatLink['role']): boolean {
  return role === 'referee' || role === 'soloReferee' || role === 'juryMember' || role === 'juryPresident'
}

/** Which key is on which side, as the keypad shows it: an official looks at it before the first lift. */
function Sides({ words, isWhiteLeft }: { readonly words: Words; readonly isWhiteLeft: boolean }) {
  const { sheet } = words.texts
  const keys = [
    <span key="red" class="red">
      ✗ {sheet.red}
    </span>,
    <span key="white" class="white">
      ✓ {sheet.white}
    </span>,
  ]
  return <p class="sides">{isWhiteLeft ? keys.reverse() : keys}</p>
}

function QrCode({ svg, label }: { readonly svg: string; readonly label: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const drawn = qrElement(svg)
    if (drawn !== undefined) place.current?.replaceChildren(drawn)
  }, [svg])
  return <div class="qr" role="img" aria-label={label} ref={place} />
}
