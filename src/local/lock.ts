import { readFileSync } from 'node:fs'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'

/** A data folder held by one process. */
export interface FolderLock {
  release(): Promise<void>
}

/**
 * Takes a lock file that names the process. A lock whose process is gone (kill -9, reboot) is taken over: the start time
 * beside the process id tells a reused id from the old process.
 *
 * @throws E_ALREADY_RUNNING
 */
export async function lockFolder(path: string): Promise<FolderLock> {
  await mkdir(dirname(path), { recursive: true })
  const mine = JSON.stringify({ pid: process.pid, started: startTimeOf(process.pid) })
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const file = await open(path, 'wx', 0o600)
      await file.writeFile(mine)
      await file.close()
      return { release: () => rm(path, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new SluiceError('E_FILE_WRITE', { object: path, cause: error })
    }
    const holder = await readHolder(path)
    if (holder && isAlive(holder)) {
      throw new SluiceError('E_ALREADY_RUNNING', { object: dirname(path), seen: `process ${holder.pid}` })
    }
    await rm(path, { force: true })
  }
  throw new SluiceError('E_ALREADY_RUNNING', { object: dirname(path), seen: 'another process that starts right now' })
}

interface Holder {
  readonly pid: number
  readonly started: string | undefined
}

async function readHolder(path: string): Promise<Holder | undefined> {
  // The holder may be between making the file and writing it.
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      return JSON.parse(await readFile(path, 'utf8')) as Holder
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      await new Promise(resolve => setTimeout(resolve, 25))
    }
  }
  return undefined
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return holder.started === undefined || holder.started === startTimeOf(holder.pid)
}

/** When a process started, in the kernel's ticks; undefined where the system does not tell that way. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
