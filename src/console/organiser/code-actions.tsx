import { useEffect, useRef, useState } from 'hono/jsx/dom'
import type { Shell } from './shell.ts'

interface CodeFacts {
  readonly shell: Shell
  readonly url: string
  /** Whose code it is, for who doesn't see the card. */
  readonly whose: string
  /** The same code, large. */
  readonly children: unknown
}

/** The code without a printer: its link copied or handed to another app, or the code over the whole screen to scan from. */
export function CodeActions({ shell, url, whose, children }: CodeFacts) {
  const { sheet } = shell.words.texts
  const [copied, setCopied] = useState(false)
  const [isLarge, setLarge] = useState(false)
  // Neither is there without HTTPS.
  const { clipboard, share } = navigator as {
    readonly clipboard?: Clipboard
    readonly share?: (data: ShareData) => Promise<void>
  }
  const hidden = <span class="unseen">: {whose}</span>
  return (
    <>
      {clipboard !== undefined && (
        <button
          type="button"
          class="small"
          onClick={() =>
            void clipboard.writeText(url).then(
              () => setCopied(true),
              () => undefined,
            )
          }
        >
          {copied ? `✓ ${sheet.copied}` : sheet.copy}
          {hidden}
        </button>
      )}{' '}
      {share !== undefined && (
        // Who closes the list of apps has shared nothing, and knows it.
        <button
          type="button"
          class="small"
          onClick={() => void share.call(navigator, { title: whose, url }).catch(() => undefined)}
        >
          {sheet.share}
          {hidden}
        </button>
      )}{' '}
      <button type="button" class="small" onClick={() => setLarge(true)}>
        {sheet.large}
        {hidden}
      </button>
      {isLarge && (
        <LargeCode shell={shell} whose={whose} close={() => setLarge(false)}>
          {children}
        </LargeCode>
      )}
    </>
  )
}

interface LargeCodeFacts extends Omit<CodeFacts, 'url'> {
  readonly close: () => void
}

function LargeCode({ shell, whose, close, children }: LargeCodeFacts) {
  const closing = useRef<HTMLButtonElement>(null)
  useEffect(() => closing.current?.focus(), [])
  return (
    <div
      class="large-code"
      role="dialog"
      aria-modal="true"
      aria-label={whose}
      onKeyDown={({ key }: KeyboardEvent) => {
        if (key === 'Escape') close()
      }}
    >
      <p>{whose}</p>
      {children}
      <button type="button" class="main" ref={closing} onClick={close}>
        {shell.words.texts.sheet.close}
      </button>
    </div>
  )
}
