import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { SluiceError } from '../../base/errors/index.ts'
import type { TextFile } from '../../specs/index.ts'
import type { CliIo } from '../io.ts'

const maxBytes = 10 * 1024 * 1024

/**
 * Reads the files that `-f` names: files, folders (their *.yaml and *.yml, sorted, without sub-folders), `-` for standard
 * input. Fails with E_FILE_READ.
 */
export async function readSpecFiles(names: readonly string[], io: CliIo): Promise<TextFile[]> {
  const files: TextFile[] = []
  for (const name of names) {
    if (name === '-') {
      files.push({ path: '(standard input)', text: await text(io.stdin) })
      continue
    }
    for (const path of await expand(name, io)) files.push({ path, text: await readText(resolve(io.cwd, path), path) })
  }
  return files
}

async function expand(name: string, io: CliIo): Promise<string[]> {
  const at = resolve(io.cwd, name)
  const found = await stat(at).catch((error: NodeJS.ErrnoException) => {
    throw new SluiceError('E_FILE_READ', { object: name, seen: error.code ?? error.message, cause: error })
  })
  if (!found.isDirectory()) return [name]
  const entries = (await readdir(at)).filter(entry => /\.ya?ml$/.test(entry)).sort()
  if (entries.length === 0)
    throw new SluiceError('E_FILE_READ', { object: name, expected: 'a folder with *.yaml files', seen: 'none' })
  return entries.map(entry => join(name, entry))
}

async function readText(at: string, name: string): Promise<string> {
  try {
    const bytes = await readFile(at)
    if (bytes.length > maxBytes)
      throw new SluiceError('E_FILE_READ', { object: name, expected: 'at most 10 MiB', seen: `${bytes.length} bytes` })
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof SluiceError) throw error
    const seen =
      error instanceof TypeError ? 'bytes that are no UTF-8' : ((error as NodeJS.ErrnoException).code ?? String(error))
    throw new SluiceError('E_FILE_READ', { object: name, seen, cause: error })
  }
}
