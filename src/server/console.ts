import { open, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Context } from 'hono'
import { LRUCache } from 'lru-cache'
import { SluiceError } from '../base/errors/index.ts'

const compress = promisify(gzip)

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}
/** What is worth compressing; the others are compressed already. */
const texts = new Set(['.html', '.js', '.css', '.json', '.svg', '.txt', '.webmanifest'])
const largestFile = 16 * 1024 * 1024
const keptBytes = 64 * 1024 * 1024

interface Kept {
  readonly changed: number
  readonly plain: Buffer
  readonly packed: Buffer | undefined
}

/**
 * Serves the built console: files under `assets/` carry their digest in their name and never change; every other path that
 * is no file is the console's own, and gets its page.
 */
export function serveConsole(folder: string): (http: Context) => Promise<Response> {
  const kept = new LRUCache<string, Kept>({
    maxSize: keptBytes,
    sizeCalculation: one => one.plain.length + (one.packed?.length ?? 0) + 1,
  })
  return async http => {
    const path = decoded(http.req.path)
    const asset = path.startsWith('/assets/')
    const named = extname(path) === '' ? undefined : await read(folder, path, kept)
    // A file that is gone must not become a page: a browser would take it for a script. Names of clusters and charts may have
    // dots as well, and their pages are pages.
    if (named === undefined && (asset || extname(path) in types))
      throw new SluiceError('E_NOT_FOUND', { object: path.slice(0, 200) })
    const name = named === undefined ? '/index.html' : path
    const file = named ?? (await read(folder, name, kept))
    if (file === undefined) return http.html(notBuilt, 503)
    const packed = /\bgzip\b/.test(http.req.header('accept-encoding') ?? '') ? file.packed : undefined
    return new Response(new Uint8Array(packed ?? file.plain), {
      headers: {
        'content-type': types[extname(name)] ?? 'application/octet-stream',
        'cache-control': asset ? 'public, max-age=31536000, immutable' : 'no-store',
        vary: 'accept-encoding',
        ...(packed === undefined ? {} : { 'content-encoding': 'gzip' }),
      },
    })
  }
}

async function read(folder: string, path: string, kept: LRUCache<string, Kept>): Promise<Kept | undefined> {
  try {
    const root = await realpath(folder)
    const at = await realpath(join(root, path))
    if (!at.startsWith(`${root}${sep}`)) return undefined
    const file = await open(at, 'r')
    try {
      const { mtimeMs, size } = await file.stat()
      const before = kept.get(at)
      if (before?.changed === mtimeMs) return before
      if (size > largestFile) return undefined
      const plain = await file.readFile()
      const packed = texts.has(extname(at)) && plain.length > 1000 ? await compress(plain) : undefined
      const one = { changed: mtimeMs, plain, packed }
      kept.set(at, one)
      return one
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return '/'
  }
}

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sluice</title>
<h1>The console is not built</h1>
<p>The server runs and its API answers. Build the console with <code>npm run setup</code>, then load this page again.</p>
</html>
`
