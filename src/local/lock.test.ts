import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from './lock.ts'

describe('the lock of a data folder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-lock-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is held by one process at a time and free again after release', async () => {
    const path = join(folder, 'sluice.lock')
    const lock = await lockFolder(path)
    await expect(lockFolder(path)).rejects.toMatchObject({ code: 'E_ALREADY_RUNNING' })
    await lock.release()
    await (await lockFolder(path)).release()
  })

  it('is taken over from a process that is gone', async () => {
    const path = join(folder, 'sluice.lock')
    const child = spawn(process.execPath, ['-e', ''])
    await new Promise(resolve => child.once('exit', resolve))
    await writeFile(path, JSON.stringify({ pid: child.pid, started: '1' }))
    const lock = await lockFolder(path)
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid })
    await lock.release()
  })

  it('is taken over from an old process whose id another one has now', async () => {
    const path = join(folder, 'sluice.lock')
    await writeFile(path, JSON.stringify({ pid: process.pid, started: '1' }))
    await (await lockFolder(path)).release()
  })
})
