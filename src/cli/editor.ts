import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import type { CliIo } from './io.ts'

/** Longest text that is taken back: far above any file of a cluster. */
const maxBytes = 4 * 1024 * 1024

/** Opens a text in $VISUAL or $EDITOR, in a folder that nobody else may read. Fails with E_FLEET_EDITOR. */
export async function editText(name: string, text: string, io: CliIo): Promise<string> {
  const editor = io.env['VISUAL'] || io.env['EDITOR'] || 'vi'
  const dir = await mkdtemp(join(tmpdir(), 'sluice-edit-'))
  const file = join(dir, basename(name))
  try {
    await writeFile(file, text, { mode: 0o600 })
    await run(editor, file, io)
    return await readBounded(file)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** A file as text; E_FILE_READ for one that is missing or far too long. */
export async function readBounded(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > maxBytes) throw Object.assign(new Error('too long'), { code: `${size} bytes, more than ${maxBytes}` })
    return await readFile(file, 'utf8')
  } catch (error) {
    const seen = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new SluiceError('E_FILE_READ', { object: file, seen, cause: error })
  }
}

function run(editor: string, file: string, io: CliIo): Promise<void> {
  return new Promise((resolve, reject) => {
    // The shell takes editors with arguments, as git and kubectl do.
    const child = spawn('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit', env: io.env, cwd: io.cwd })
    const failed = (seen: string) => reject(new SluiceError('E_FLEET_EDITOR', { object: editor, seen }))
    const stop = (): void => {
      child.kill()
    }
    io.signal.addEventListener('abort', stop, { once: true })
    child.on('error', error => failed(error.message))
    child.on('close', (code, signal) => {
      io.signal.removeEventListener('abort', stop)
      if (code === 0) resolve()
      else failed(signal === null ? `exit code ${code}` : signal)
    })
  })
}
