import { crc32, deflateSync } from 'node:zlib'

/**
 * The keypad's icon: a white disc and a red square on black, as on the keys. Phones want PNG; drawn here, so that no picture
 * has to be kept in step with the drawing. Everything stays within the middle 80 %, which masks leave alone.
 */
const black = [12, 17, 23] as const
const white = [255, 255, 255] as const
const red = [192, 21, 42] as const

/** The same as {@link iconPng}, for browsers that take SVG. */
export const iconSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" fill="#0c1117"/>' +
  '<circle cx="32" cy="50" r="17" fill="#fff"/><rect x="52" y="34" width="32" height="32" fill="#c0152a"/></svg>'

const made = new Map<number, Uint8Array<ArrayBuffer>>()

/** The icon as PNG, `size` pixels wide and high. Drawn once. */
export function iconPng(size: number): Uint8Array<ArrayBuffer> {
  const known = made.get(size)
  if (known !== undefined) return known
  const rows = Buffer.alloc(size * (size * 3 + 1)) // Each row begins with filter type 0.
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const at = y * (size * 3 + 1) + 1 + x * 3
      rows.set(colourAt(((x + 0.5) * 100) / size, ((y + 0.5) * 100) / size, 100 / size), at)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 2, 0, 0, 0], 8) // 8 bits, true colour, no interlace.
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const png = new Uint8Array(
    Buffer.concat([
      signature,
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(rows)),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  )
  made.set(size, png)
  return png
}

/** The colour at a point of the 100 × 100 drawing; edges are softened over one pixel. */
function colourAt(x: number, y: number, pixel: number): readonly number[] {
  const inDisc = clamp((17 - Math.hypot(x - 32, y - 50)) / pixel + 0.5)
  const inSquare = clamp((16 - Math.max(Math.abs(x - 68), Math.abs(y - 50))) / pixel + 0.5)
  return black.map((base, index) => {
    const withDisc = base + ((white[index] ?? 0) - base) * inDisc
    return Math.round(withDisc + ((red[index] ?? 0) - withDisc) * inSquare)
  })
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share))
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, sum])
}
