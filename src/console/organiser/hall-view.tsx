import { useEffect, useState, useSyncExternalStore } from 'hono/jsx/dom'
import { DeviceLine } from './device-line.tsx'
import { LightCheck } from './light-check.tsx'
import { LivePanel } from './live-panel.tsx'
import { Mark, Name } from './marks.tsx'
import { SeatList } from './seat-list.tsx'
import type { Shell } from './shell.ts'
import { usePart } from './store.ts'
import { DecisionButtons, sentence } from './trouble-list.tsx'
import { isLiftOn, seatLevel, urgentTroubles } from './troubles.ts'
import { seatKeyName } from './words.ts'
import { phaseName } from '../../texts/names.ts'
import type { BlockOverview, PlatformOverview } from '../../protocol/contract/console-api.ts'

/** One page on which the organiser sees whether everything works: what needs them first, then all there is. */
export function HallView({ shell }: { readonly shell: Shell }) {
  const { hall, seat } = shell.words.texts
  const { platforms, blocks, others } = shell.overview
  const isNarrow = useSyncExternalStore(followWidth, () => narrow.matches)
  const connection = usePart(shell.model.live, (live) => live.line.kind)
  // As text, so that a press draws one panel anew and not the whole hall.
  const streamed = usePart(shell.model.live, (live) => JSON.stringify(live.platforms ?? []))
  // A platform that only the stream knows yet has no seats.
  const known = JSON.parse(streamed) as readonly string[]
  const names = new Set([...platforms.map(({ name }) => name), ...known])
  const all = [...names].map((name) => platforms.find((one) => one.name === name) ?? { name, seats: [] })
  return (
    <>
      <Urgent shell={shell} />
      {connection === 'lost' && <p class="note warn">! {shell.words.texts.live.lost}</p>}
      {connection === 'ended' && <p class="note bad">✗ {shell.words.texts.live.refused}</p>}
      {all.length === 0 && <p class="sentence">{hall.noPlatforms}</p>}
      <div class="platforms">
        {all.map((platform) => (
          <Platform
            key={platform.name}
            shell={shell}
            platform={platform}
            isFolded={isNarrow && all.length > 1}
          />
        ))}
      </div>
      <section aria-labelledby="parts">
        <h2 id="parts">{hall.parts}</h2>
        <div class="blocks">
          {blocks.map((block) => (
            <Block key={block.title} shell={shell} block={block} />
          ))}
        </div>
      </section>
      {others.length > 0 && (
        <details class="card folded">
          <summary>
            {seat.others} ({others.length})
          </summary>
          <ul class="plain">
            {others.map((device) => (
              <li key={device.id}>
                <DeviceLine shell={shell} device={device} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

/** The headline, and each thing to do. Read out when it changes, and only then: it holds no ticking number. */
function Urgent({ shell }: { readonly shell: Shell }) {
  const { words, overview } = shell
  const { hall } = words.texts
  const blocks = overview.blocks.filter(({ level }) => level !== 'good')
  // As text, so that a press draws nothing anew here.
  const lifting = usePart(shell.model.live, ({ states }) =>
    JSON.stringify(Object.keys(states).filter((name) => isLiftOn(states[name]))),
  )
  const isLifting = (platform: string) => (JSON.parse(lifting) as readonly string[]).includes(platform)
  const troubles = urgentTroubles(words, overview.platforms, isLifting)
  const count = blocks.length + troubles.length
  const level = blocks.some((block) => block.level === 'bad') || troubles.length > 0 ? 'bad' : 'warn'
  return (
    <section class="urgent" aria-labelledby="headline">
      <h1 id="headline" class={`headline ${count === 0 ? 'good' : level}`}>
        <Mark words={words} level={count === 0 ? 'good' : level} />
        <span>{count === 0 ? hall.works : hall.trouble(count)}</span>
      </h1>
      <div role="alert">
        <ul class="plain alarms" aria-label={hall.todo}>
          {blocks.map((block) => (
            <li key={block.title} class={`note ${block.level}`}>
              <strong>
                {block.title}: {block.word}.
              </strong>{' '}
              {block.nextStep ?? block.sentence}
            </li>
          ))}
          {troubles.map((trouble) => (
            <li key={`${trouble.platform} ${trouble.key}`} class="note bad">
              <strong>
                <Name text={trouble.platform} />: {sentence(trouble.what)}
              </strong>{' '}
              {trouble.next}
            </li>
          ))}
        </ul>
      </div>
      {overview.platforms.flatMap(({ name, seats }) =>
        seats.map((seat) => (
          <DecisionButtons key={`${name} ${seat.seat}`} shell={shell} platform={name} seat={seat} />
        )),
      )}
    </section>
  )
}

function Block({ shell, block }: { readonly shell: Shell; readonly block: BlockOverview }) {
  const { check } = shell.words.texts
  return (
    <section class={`block ${block.level}`}>
      <h3>
        <Mark words={shell.words} level={block.level} /> {block.title}: {block.word}
      </h3>
      <p>{block.sentence}</p>
      {block.why !== undefined && <p>{block.why}</p>}
      {block.nextStep !== undefined && <p class="next">→ {block.nextStep}</p>}
      {block.facts.length > 0 && <p class="quiet">{block.facts.join(' · ')}</p>}
      {block.raw !== undefined && (
        <details>
          <summary>{check.technical}</summary>
          <p class="raw">{block.raw}</p>
        </details>
      )}
    </section>
  )
}

interface PlatformFacts {
  readonly shell: Shell
  readonly platform: PlatformOverview
}

/** One platform; folded on a phone that has several to show, so that what is wrong stands on one screen. */
function Platform({ shell, platform, isFolded }: PlatformFacts & { readonly isFolded: boolean }) {
  const { hall } = shell.words.texts
  const { name } = platform
  const path = encodeURIComponent(name)
  const [isOpen, setOpen] = useState(!isFolded)
  useEffect(() => setOpen(!isFolded), [isFolded])
  return (
    <section class="platform card" aria-labelledby={`platform-${path}`}>
      <details
        open={isOpen}
        onToggle={({ currentTarget }: Event) => {
          if (currentTarget instanceof HTMLDetailsElement) setOpen(currentTarget.open)
        }}
      >
        <summary>
          <h2 id={`platform-${path}`}>
            <span class="unseen">{shell.words.texts.common.platform} </span>
            <Name text={name} />
          </h2>
          {!isOpen && <Brief shell={shell} platform={platform} />}
        </summary>
        {isOpen && (
          <>
            <LivePanel shell={shell} platform={name} />
            <SeatList shell={shell} platform={platform} />
            <LightCheck shell={shell} platform={platform} />
            <p class="links">
              <a href={`/journal/${path}`}>{hall.journal}</a> <a href={`/view/${path}`}>{hall.stage}</a>
            </p>
          </>
        )}
      </details>
    </section>
  )
}

/** What stands on a folded platform: what goes on there, and each seat that is not well. */
function Brief({ shell, platform: { name, seats } }: PlatformFacts) {
  const { words, model } = shell
  const { hall, shared } = words.texts
  const phase = usePart(model.live, ({ states }) => {
    const state = states[name]
    return state === undefined ? undefined : phaseName(shared, state.phase)
  })
  const unwell = seats.filter((seat) => seatLevel(words, seat) !== 'good')
  return (
    <span class="brief">
      {phase !== undefined && <span>{phase}</span>}
      {unwell.map((seat) => (
        <span key={seat.seat}>
          <Mark words={words} level={seatLevel(words, seat)} /> {seatKeyName(words, seat.seat)}
        </span>
      ))}
      {unwell.length === 0 && (
        <span>
          {seats.length > 0 && <Mark words={words} level="good" />} {hall.seats(seats.length)}
        </span>
      )}
    </span>
  )
}

/** As wide as a phone that is held upright. */
const narrow = window.matchMedia('(max-width: 40rem)')

function followWidth(changed: () => void): () => void {
  narrow.addEventListener('change', changed)
  return () => narrow.removeEventListener('change', changed)
}
