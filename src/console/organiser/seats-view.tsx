import { useState } from 'hono/jsx/dom'
import type { SeatLink } from '../../protocol/contract/console-api.ts'
import { RevokeSection } from './revoke-section.tsx'
import { SeatSheet } from './seat-sheet.tsx'
import { SheetForm } from './sheet-form.tsx'
import type { Shell } from './shell.ts'

/** Makes the seats' codes and takes them back. */
export function SeatsView({ shell }: { readonly shell: Shell }) {
  const { sheet } = shell.words.texts
  const [links, setLinks] = useState<readonly SeatLink[] | undefined>(undefined)
  if (links !== undefined) {
    return <SeatSheet shell={shell} links={links} again={() => setLinks(undefined)} />
  }
  return (
    <>
      <h1>{shell.words.texts.nav.seats}</h1>
      <section class="card">
        <h2>{sheet.title}</h2>
        <p>{sheet.intro}</p>
        <SheetForm shell={shell} made={setLinks} />
      </section>
      <RevokeSection shell={shell} />
    </>
  )
}
