import fc from 'fast-check'
import jsQR from 'jsqr'
import { expect, it } from 'vitest'
import { signToken } from '../../../src/access/token.ts'
import { qrSvg } from '../../../src/http/api/qr.ts'
import type { Platform } from '../../../src/protocol/owlcms/topics.ts'

/** Pixels of one module: what a phone's camera sees of it at a comfortable distance. */
const scale = 4

/** What a stranger's reader makes of the picture. */
function read(svg: string): string | undefined {
  const size = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1])
  const width = size * scale
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255)
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = 0; row < scale; row += 1) {
      const start = ((Number(y) * scale + row) * width + Number(x) * scale) * 4
      for (let at = start; at < start + Number(length) * scale * 4; at += 1) if (at % 4 !== 3) pixels[at] = 0
    }
  }
  const decode = jsQR as unknown as typeof jsQR.default
  return decode(pixels, width, width)?.data
}

it('every link can be read from its code', async () => {
  const key = 'a key'
  const name = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }).map((text) => text as Platform)
  await fc.assert(
    fc.asyncProperty(name, fc.integer({ min: 1, max: 3 }), fc.nat(1e9), async (platform, number, salt) => {
      const facts = {
        tokenId: String(salt).padStart(9, '0'),
        issuedAt: 1_700_000_000_000 + salt,
        expiresAt: 2e12,
      }
      const token = signToken({ purpose: 'seat', seat: { platform, role: 'referee', number } }, facts, key)
      const url = `https://my-bridge.fly.dev/seat#${token}`
      expect(read(qrSvg(url))).toBe(url)
    }),
    { numRuns: 40 },
  )
})

it('has a quiet zone of four modules, and nothing that a strict page would refuse', () => {
  const svg = qrSvg('https://b.example/seat#x')
  const size = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1])
  const shapes = [...svg.matchAll(/M(\d+) (\d+)h(\d+)/g)].map((found) => found.slice(1).map(Number))
  expect(Math.min(...shapes.flatMap(([x, y]) => [x!, y!]))).toBe(4)
  expect(Math.max(...shapes.map(([x, , length]) => x! + length!))).toBe(size - 4)
  expect(svg).not.toMatch(/style|script|href|on\w+=/)
})
