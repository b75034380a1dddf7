import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../base/atomic-file.ts'
import type { StepId } from './types.ts'

/**
 * What a bootstrap did, on disk. It is a record for people and for the report of a resumed run; it decides nothing:
 * each step looks at the world itself, so that a lost or old journal can do no harm.
 */
export interface Journal {
  /** When the first run began, ISO 8601. */
  readonly started: string
  /** How many runs there were. */
  readonly runs: number
  /** The step that a run was in; absent once a run has come to its end, well or not. */
  readonly running?: StepId
  /** The process of that run. */
  readonly pid?: number
  readonly steps: Partial<Record<StepId, JournalStep>>
}

export interface JournalStep {
  readonly outcome: 'done' | 'unchanged' | 'failed'
  readonly at: string
  readonly summary: string
}

/** The journal's file of one fleet on one cluster. */
export function journalPath(
  dataDir: string,
  key: { server: string; repository: string; branch: string; path: string },
): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([key.server, key.repository, key.branch, key.path]))
    .digest('hex')
  return join(dataDir, 'bootstrap', `${digest.slice(0, 16)}.json`)
}

/** Reads a journal; a missing or damaged one is as none. */
export async function readJournal(path: string): Promise<Journal | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<Journal>
    if (typeof value.started !== 'string' || typeof value.runs !== 'number' || typeof value.steps !== 'object')
      return undefined
    return value as Journal
  } catch {
    return undefined
  }
}

export async function writeJournal(path: string, journal: Journal): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(journal, null, 2)}\n`)
}

/** Whether the run that is in a step is going on at this moment, on this machine. */
export function isGoingOn({ running, pid }: Journal): boolean {
  return running !== undefined && pid !== undefined && pid !== process.pid && isRunning(pid)
}

/** Whether a process of this machine runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Where the last run ended before its end: in the step that it was in, or at the one that failed. */
export function endedIn({ running, steps }: Journal): StepId | undefined {
  if (running !== undefined) return running
  return (Object.keys(steps) as StepId[]).find(id => steps[id]?.outcome === 'failed')
}
