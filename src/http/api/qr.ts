import { encode } from 'uqr'

/**
 * The mask is not searched for: eight tries cost more than 10 ms of a small machine, and a seat sheet of a whole
 * competition would hold presses up. The mask only matters for texts that make large patterns, which signed tokens
 * don't; a test reads the codes back.
 */
const maskPattern = 0

/**
 * A QR code of the text as a whole SVG document, for print: a quiet zone of four modules as the standard asks, and medium
 * error correction, so that a thumb print or a fold does no harm. One path, without style or script.
 */
export function qrSvg(text: string): string {
  const { size, data } = encode(text, { ecc: 'M', border: 4, maskPattern })
  const path = data.flatMap((row, y) => runs(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`))
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<rect width="${size}" height="${size}" fill="#fff"/><path d="${path.join('')}" fill="#000"/></svg>`
  )
}

/** Where dark runs of a row begin, and how long they are: one shape each instead of one a module. */
function runs(row: readonly boolean[]): readonly (readonly [start: number, length: number])[] {
  const found: [number, number][] = []
  row.forEach((dark, x) => {
    if (!dark) return
    const last = found.at(-1)
    if (last !== undefined && last[0] + last[1] === x) last[1] += 1
    else found.push([x, 1])
  })
  return found
}
