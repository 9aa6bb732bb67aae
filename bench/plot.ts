/** One line of a plot. */
export interface Series {
  readonly name: string
  readonly colour: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

const [width, height, left, right, top, bottom] = [640, 360, 60, 150, 30, 45]

/** An SVG of lines on two logarithmic axes, each from a power of ten to another. */
export function logPlot(
  title: string,
  axes: { readonly x: string; readonly y: string },
  series: readonly Series[],
): string {
  const points = series.flatMap((line) => line.points)
  const x = axis(points.map(([at]) => at))
  const y = axis(points.map(([, at]) => at))
  const across = (value: number): number => left + x.share(value) * (width - left - right)
  const down = (value: number): number => height - bottom - y.share(value) * (height - top - bottom)
  const ticks = [
    ...x.powers.map(
      (at) =>
        `<path d="M${across(at)} ${top}V${height - bottom}"/><text x="${across(at)}" y="${height - bottom + 16}" text-anchor="middle">${at.toLocaleString('en')}</text>`,
    ),
    ...y.powers.map(
      (at) =>
        `<path d="M${left} ${down(at)}H${width - right}"/><text x="${left - 6}" y="${down(at) + 4}" text-anchor="end">${at.toLocaleString('en')}</text>`,
    ),
  ]
  const lines = series.map(({ name, colour, points: own }) => {
    const [lastX, lastY] = own.at(-1) ?? [1, 1]
    const path = own.map(([atX, atY]) => `${across(atX).toFixed(1)} ${down(atY).toFixed(1)}`).join('L')
    return `<path d="M${path}" stroke="${colour}" stroke-width="2"/><text x="${across(lastX) + 6}" y="${down(lastY) + 4}" fill="${colour}">${name}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${left}" y="18" font-size="14">${title}</text>
<g fill="none" stroke="#ccc">${ticks.join('\n').replaceAll('<text', '<text fill="#333" stroke="none"')}</g>
<g fill="none">${lines.join('\n')}</g>
<text x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">${axes.x}</text>
<text transform="translate(14 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">${axes.y}</text>
</svg>
`
}

function axis(values: readonly number[]): {
  readonly powers: readonly number[]
  share(value: number): number
} {
  const good = values.filter((value) => value > 0)
  const from = Math.floor(Math.log10(Math.min(...good)))
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...good))))
  return {
    powers: Array.from({ length: to - from + 1 }, (_, at) => 10 ** (from + at)),
    share: (value) => (Math.log10(value) - from) / (to - from),
  }
}
