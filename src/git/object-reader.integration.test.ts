import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ObjectReader } from './object-reader.ts'
import { newObject, storeObjects } from './objects.ts'
import { runGit } from './process.ts'

let dir: string
const blobs = Array.from({ length: 50 }, (_, i) => newObject('blob', Buffer.alloc(i * 3000, String(i))))

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-reader-'))
  await runGit(['init', '-q', '--bare', '--', dir])
  await storeObjects(dir, blobs)
})
afterAll(() => rm(dir, { recursive: true, force: true }))

describe('an object reader', () => {
  it('answers many questions at once, each with its own object, and knows what is not there', async () => {
    const reader = new ObjectReader(dir)
    const answers = await Promise.all(
      blobs.flatMap(blob => [reader.read(blob.id), reader.read('1'.repeat(40)), reader.read('x\ny')]),
    )
    expect(answers.filter(answer => answer !== undefined).map(answer => [answer.id, answer.bytes.length])).toEqual(
      blobs.map(blob => [blob.id, blob.bytes.length]),
    )
    reader.close()
  })

  it('refuses an object that is too large and goes on with the next', async () => {
    const reader = new ObjectReader(dir, { maxObjectBytes: 1000 })
    const [large, small] = await Promise.allSettled([reader.read(blobs[40]!.id), reader.read(blobs[0]!.id)])
    expect(large).toMatchObject({ reason: { code: 'E_GIT_OBJECT_TOO_LARGE' } })
    expect(small).toMatchObject({ value: { id: blobs[0]!.id } })
    reader.close()
  })

  it('can be asked again right after it was closed or went idle', async () => {
    const reader = new ObjectReader(dir, { idleMs: 1 })
    for (let i = 0; i < 20; i++) {
      expect((await reader.read(blobs[i]!.id))?.id).toBe(blobs[i]!.id)
      if (i % 2) reader.close()
      else await new Promise(resolve => setTimeout(resolve, 1))
    }
    const open = reader.read(blobs[1]!.id)
    reader.close()
    await expect(open).rejects.toMatchObject({ code: 'E_ABORTED' })
  })
})
