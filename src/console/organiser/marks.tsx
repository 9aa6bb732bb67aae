import type { Words } from './words.ts'

/** Never told by colour alone: each level has a symbol, and a word for those who don't see it. */
const symbols = { good: '✓', warn: '!', bad: '✗' } as const
export type Level = keyof typeof symbols

/** A sign before a word, for who doesn't see colours; a screen reader says what it means. */
export function Mark({ words, level }: { readonly words: Words; readonly level: Level }) {
  return (
    <span class={`mark ${level}`}>
      <span aria-hidden="true">{symbols[level]}</span>
      <span class="unseen">{words.texts.common[level]}: </span>
    </span>
  )
}

/** A name from outside, which may run in the other direction. */
export function Name({ text }: { readonly text: string }) {
  return <bdi>{text}</bdi>
}

/** The first row of a table. */
export function ColumnHeads({ names }: { readonly names: readonly string[] }) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  )
}
