/**
 * Names one text of a catalogue, with the facts that it takes: what is kept where the reader's language is not known yet.
 * `['port']`, `['range', 'seconds', '0', '290']`.
 */
export type Saying<Words> = {
  [Code in keyof Words]: Words[Code] extends (...facts: infer Facts) => unknown
    ? readonly [code: Code, ...facts: Facts]
    : readonly [code: Code]
}[keyof Words]

/** The text itself, in the language of `words`. */
export function say<Words extends object>(words: Words, [code, ...facts]: Saying<Words>): Said<Words> {
  const text: unknown = words[code]
  // The type of the saying holds that the facts are those that the text takes.
  return (
    typeof text === 'function' ? (text as (...facts: readonly unknown[]) => unknown)(...facts) : text
  ) as Said<Words>
}

type Said<Words> = {
  [Code in keyof Words]: Words[Code] extends (...facts: never[]) => infer Text ? Text : Words[Code]
}[keyof Words]
