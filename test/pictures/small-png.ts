import { crc32, deflateSync, inflateSync } from 'node:zlib'

/**
 * The same picture with at most 256 colours, which pages are content with: a third of the bytes or less. Takes what Chromium
 * writes: 8 bits a channel, no interlacing (PNG, third edition, 7.2 and 9).
 */
export function smallPng(png: Buffer): Buffer {
  const { width, height, channels, pixels } = decode(png)
  const colourAt = (index: number): number =>
    (pixels[index * channels]! << 16) | (pixels[index * channels + 1]! << 8) | pixels[index * channels + 2]!
  const colours = Array.from({ length: width * height }, (_, index) => colourAt(index))
  const palette = mostFrequent(colours)
  const nearest = new Map(palette.map((colour, index) => [colour, index]))
  const rows = Buffer.alloc((width + 1) * height)
  colours.forEach((colour, index) => {
    let at = nearest.get(colour)
    if (at === undefined) {
      at = nearestOf(palette, colour)
      nearest.set(colour, at)
    }
    rows[Math.floor(index / width) * (width + 1) + 1 + (index % width)] = at
  })
  const header = Buffer.from(png.subarray(16, 29))
  header.set([8, 3], 8)
  const table = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))
  return Buffer.concat([
    png.subarray(0, 8),
    chunk('IHDR', header),
    chunk('PLTE', table),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The commonest colour of each of the 256 commonest shades (5 bits a channel). */
function mostFrequent(colours: readonly number[]): readonly number[] {
  const counts = new Map<number, number>()
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1)
  const shades = new Map<number, { colour: number; most: number; all: number }>()
  for (const [colour, count] of counts) {
    const key = colour & 0xf8f8f8
    const shade = shades.get(key) ?? { colour, most: 0, all: 0 }
    shade.all += count
    if (count > shade.most) Object.assign(shade, { colour, most: count })
    shades.set(key, shade)
  }
  const sorted = [...shades.values()].sort((a, b) => b.all - a.all)
  return sorted.slice(0, 256).map(({ colour }) => colour)
}

function nearestOf(palette: readonly number[], colour: number): number {
  const distance = (other: number): number =>
    [16, 8, 0].reduce((sum, by) => sum + (((other >> by) & 255) - ((colour >> by) & 255)) ** 2, 0)
  return palette.reduce((best, one, index) => (distance(one) < distance(palette[best]!) ? index : best), 0)
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

function decode(png: Buffer): { width: number; height: number; channels: 3 | 4; pixels: Uint8Array } {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  const channels = png[25] === 6 ? 4 : 3
  if (png[24] !== 8 || (png[25] !== 6 && png[25] !== 2) || png[28] !== 0) throw new Error('another PNG')
  const parts: Buffer[] = []
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  const raw = inflateSync(Buffer.concat(parts))
  const stride = width * channels
  const pixels = new Uint8Array(stride * height)
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)]
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x
      const left = x < channels ? 0 : pixels[at - channels]!
      const up = y === 0 ? 0 : pixels[at - stride]!
      const corner = x < channels || y === 0 ? 0 : pixels[at - stride - channels]!
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0
      pixels[at] = raw[y * (stride + 1) + 1 + x]! + guess
    }
  }
  return { width, height, channels, pixels }
}

function paeth(left: number, up: number, corner: number): number {
  const [toLeft, toUp, toCorner] = [
    Math.abs(up - corner),
    Math.abs(left - corner),
    Math.abs(left + up - 2 * corner),
  ]
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}
