import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Mirror, openMirror } from './mirror.ts'

/**
 * A mirror for one piece of work, in a folder of its own below the data folder: two runs at once must not share one. It goes when
 * the work ends, however that is.
 */
export async function withMirror<T>(
  { dataDir }: { readonly dataDir: string },
  name: string,
  work: (mirror: Mirror) => Promise<T>,
): Promise<T> {
  const parent = join(dataDir, 'mirrors')
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(join(parent, `${name}-`))
  try {
    const mirror = await openMirror(dir)
    try {
      return await work(mirror)
    } finally {
      await mirror.close()
    }
  } finally {
    // A git that was killed a moment ago may still write: a folder that fills again is emptied again.
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}
