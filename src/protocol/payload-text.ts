const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The last one asked for: reducer, journal and stream ask about the same payload in turn. */
let last: { readonly payload: Uint8Array; readonly text: string } | undefined

/** A payload as text, U+FFFD where it is not UTF-8. Nobody may change a payload's bytes. */
export function payloadText(payload: Uint8Array): string {
  if (last?.payload !== payload) last = { payload, text: decoder.decode(payload) }
  return last.text
}

/** The same; undefined where it is not UTF-8. */
export function strictPayloadText(payload: Uint8Array): string | undefined {
  const text = payloadText(payload)
  if (!text.includes('\ufffd')) return text
  try {
    // Somebody may have said U+FFFD.
    return strict.decode(payload)
  } catch {
    return undefined
  }
}
