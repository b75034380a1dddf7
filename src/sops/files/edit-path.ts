import { spawn } from 'node:child_process'
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { writeFileAtomic } from '../../base/atomic-file.ts'
import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { Failure, naming } from '../failure.ts'
import { formatOf } from '../formats/format.ts'
import type { Keys } from '../keys.ts'
import { openFile } from '../open.ts'
import { resealFile } from '../seal.ts'
import { modeOf, readSecretFile } from './seal-path.ts'

/** How a file is edited. */
export interface EditOptions {
  readonly keys: Keys
  /** Command line of the editor; the file is added to it. */
  readonly editor: string
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  /** Told why the text cannot be sealed, before the editor is opened again. */
  readonly onInvalid: (error: SluiceError) => void
}

/**
 * Opens a sealed file in an editor and seals what comes out, for the same recipients. The plain text stands in a file of
 * mode 0600 in memory (or the temporary folder), which is removed whatever ends this process, `kill -9` included.
 *
 * @returns false when nothing was changed; then nothing is written
 */
export function editPath(path: string, options: EditOptions): Promise<boolean> {
  return naming(path, async () => {
    const format = formatOf(path)
    const before = await openFile(await readSecretFile(path), format, options.keys)
    const folder = await mkdtemp(join(await privateFolder(), 'sluice-edit-'))
    const guardian = removeWhenWeEnd(folder)
    try {
      const file = join(folder, basename(path))
      await writeFile(file, before.plain, { mode: 0o600 })
      for (let refused: Buffer | undefined; ; ) {
        await runEditor(options, file)
        const plain = await readFile(file)
        if (plain.equals(before.plain)) return false
        if (refused?.equals(plain))
          throw new Failure('E_SOPS_FORMAT', { seen: 'the text that was refused, unchanged; nothing was written' })
        try {
          const sealed = await naming(path, () => resealFile(plain, format, before, options.clock))
          await writeFileAtomic(path, sealed, await modeOf(path))
          return true
        } catch (error) {
          if (!(error instanceof SluiceError) || !error.code.startsWith('E_SOPS_')) throw error
          refused = plain
          options.onInvalid(error)
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
      guardian.end()
    }
  })
}

/** Memory where the system has it, so that the text never reaches a disk. */
async function privateFolder(): Promise<string> {
  for (const folder of [process.env['XDG_RUNTIME_DIR'], '/dev/shm']) {
    if (folder === undefined || folder === '') continue
    const usable = await access(folder, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    )
    if (usable) return folder
  }
  return tmpdir()
}

/** A process that waits for the end of this one, which closes its input, and then removes the folder. */
function removeWhenWeEnd(folder: string): { end(): void } {
  const child = spawn('sh', ['-c', 'trap "" INT TERM HUP; read -r _; rm -rf -- "$1"', 'sh', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  child.unref()
  return { end: () => child.stdin.end() }
}

function runEditor({ editor, env }: EditOptions, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit', env })
    const failed = (seen: string) => new SluiceError('E_SECRET_EDITOR', { object: editor, seen })
    child.on('error', error => reject(failed(error.message)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(failed(signal === null ? `exit code ${code}` : signal))
    })
  })
}
