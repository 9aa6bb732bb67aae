import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const sheets = [
  'styles/palette.css',
  'styles/console-palette.css',
  'styles/console-light.css',
  'keypad.css',
] as const
const read = (sheet: string) => readFile(new URL(`../../src/console/${sheet}`, import.meta.url), 'utf8')

/** Pairs of a sheet by name: `--quiet-text` and `--quiet-background`. */
async function pairsOf(sheet: string): Promise<readonly (readonly [string, string, string])[]> {
  const colours = new Map(
    [...(await read(sheet)).matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [
      name!,
      colour!,
    ]),
  )
  return [...colours].flatMap(([name, text]) => {
    const background = colours.get(name.replace(/-text$/, '-background'))
    return name.endsWith('-text') && background !== undefined ? [[name, text, background] as const] : []
  })
}

/** WCAG 2.2, "relative luminance". */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

it.each(sheets)('the colours in %s can be told apart by weak eyes: 4.5 to 1 or more', async (sheet) => {
  const pairs = await pairsOf(sheet)
  expect(pairs.length).toBeGreaterThanOrEqual(7)
  const pale = pairs.filter(([, text, background]) => {
    const [light, dark] = [luminance(text), luminance(background)].sort((a, b) => b - a) as [number, number]
    return (light + 0.05) / (dark + 0.05) < 4.5
  })
  expect(pale).toEqual([])
})

it('nothing moves on the console for who wants less motion', async () => {
  const sheets = ['base', 'controls', 'hall', 'papers', 'words'].map((name) => `styles/console-${name}.css`)
  for (const sheet of sheets) {
    const always = (await read(sheet)).replaceAll(
      /@media \(prefers-reduced-motion: no-preference\) \{[^]*?\n\}/g,
      '',
    )
    expect(always).not.toMatch(/\b(?:animation|transition|scroll-behavior)/)
  }
})

it('the bars that a phone draws around a keypad have the page’s own colour', async () => {
  const shells = await readFile(new URL('../../src/http/shells/keypad-pages.tsx', import.meta.url), 'utf8')
  const [, colour] = /--page-background: (#[0-9a-f]{6})/.exec(await read('keypad.css')) ?? []
  expect(shells).toContain(`keypadBackground = '${colour!}'`)
})
