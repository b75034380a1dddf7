import { crc32, deflateSync, inflateSync } from 'node:zlib'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const most = 256
/** So many of the most frequent colours are kept whatever they are; the rest goes to those that nothing else comes near. */
const frequent = 128

/**
 * The same picture with at most 256 colours: pages have few, and text's edges do not show it. Takes what Chromium writes: 8
 * bits, RGB or RGBA, not interlaced.
 */
export function smallerPng(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png)
  const counts = new Map<number, number>()
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1)
  const palette = choose(counts)
  const index = new Map<number, number>()
  for (const colour of counts.keys()) index.set(colour, nearest(palette, colour).at)
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = index.get(pixels[y * width + x]!)!
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const colours = Buffer.from(palette.flatMap(c => [c >> 16, (c >> 8) & 255, c & 255]))
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function choose(counts: ReadonlyMap<number, number>): number[] {
  const all = [...counts].sort((a, b) => b[1] - a[1])
  if (all.length <= most) return all.map(([colour]) => colour)
  const palette = all.slice(0, frequent).map(([colour]) => colour)
  const rest = all.slice(frequent).map(([colour, count]) => ({ colour, count, far: nearest(palette, colour).far }))
  while (palette.length < most) {
    const next = rest.reduce((best, one) => (one.far * one.count > best.far * best.count ? one : best))
    palette.push(next.colour)
    for (const one of rest) one.far = Math.min(one.far, distance(one.colour, next.colour))
  }
  return palette
}

function nearest(palette: readonly number[], colour: number): { at: number; far: number } {
  let [at, far] = [0, Number.POSITIVE_INFINITY]
  for (let i = 0; i < palette.length && far > 0; i++) {
    const d = distance(palette[i]!, colour)
    if (d < far) [at, far] = [i, d]
  }
  return { at, far }
}

function distance(a: number, b: number): number {
  const [r, g, blue] = [(a >> 16) - (b >> 16), ((a >> 8) & 255) - ((b >> 8) & 255), (a & 255) - (b & 255)]
  return 2 * r * r + 4 * g * g + 3 * blue * blue
}

function decode(png: Buffer): { width: number; height: number; pixels: Uint32Array } {
  const data: Buffer[] = []
  let [width, height, channels] = [0, 0, 3]
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const body = png.subarray(at + 8, at + 8 + length)
    if (type === 'IHDR') {
      ;[width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)]
      if (body[8] !== 8 || (body[9] !== 2 && body[9] !== 6) || body[12] !== 0) throw new Error('another kind of PNG')
      channels = body[9] === 2 ? 3 : 4
    } else if (type === 'IDAT') data.push(body)
    at += 12 + length
  }
  const raw = inflateSync(Buffer.concat(data))
  const stride = width * channels
  const lines = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]!
    for (let i = 0; i < stride; i++) {
      const left = i >= channels ? lines[y * stride + i - channels]! : 0
      const up = y > 0 ? lines[(y - 1) * stride + i]! : 0
      const corner = i >= channels && y > 0 ? lines[(y - 1) * stride + i - channels]! : 0
      lines[y * stride + i] = raw[y * (stride + 1) + 1 + i]! + predicted(filter, left, up, corner)
    }
  }
  const pixels = new Uint32Array(width * height)
  for (let i = 0; i < pixels.length; i++) pixels[i] = lines.readUIntBE(i * channels, 3)
  return { width, height, pixels }
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  if (filter !== 4) return 0
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const out = Buffer.alloc(named.length + 8)
  out.writeUInt32BE(body.length, 0)
  named.copy(out, 4)
  out.writeUInt32BE(crc32(named), named.length + 4)
  return out
}
