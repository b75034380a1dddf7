import { readFile } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import { SluiceError } from '../../../base/errors/index.ts'
import { addFile, emptyDocument, type KubeConfigDocument } from './document.ts'

/** The environment that a kubeconfig is looked for in. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the kubeconfig files that kubectl would: the given path alone, or every file of the list in KUBECONFIG, or
 * `~/.kube/config`. Undefined when none of them exists.
 *
 * @throws SluiceError E_KUBECONFIG_MISSING when `path` does not exist, E_FILE_READ when a file cannot be read.
 */
export async function readKubeConfigFiles(
  env: Environment,
  path: string | undefined,
): Promise<KubeConfigDocument | undefined> {
  const document = emptyDocument()
  for (const file of path === undefined ? candidates(env) : [path]) {
    const text = await readOptional(file)
    if (text === undefined) {
      if (path === undefined) continue
      throw new SluiceError('E_KUBECONFIG_MISSING', { object: path, seen: 'no such file' })
    }
    addFile(document, file, dirname(resolve(file)), text)
  }
  return document.files.length > 0 ? document : undefined
}

/** Where kubectl looks without `--kubeconfig`. */
export function candidates(env: Environment): string[] {
  const list = (env['KUBECONFIG'] ?? '').split(delimiter).filter(file => file !== '')
  if (list.length > 0) return [...new Set(list)]
  const home = env['HOME'] ?? env['USERPROFILE']
  return home === undefined || home === '' ? [] : [join(home, '.kube', 'config')]
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new SluiceError('E_FILE_READ', { object: path, seen: code ?? 'an error', cause: error })
  }
}

/** Reads a file that a kubeconfig names. `label` says which field named it. */
export async function readNamedFile(path: string, label: string): Promise<string> {
  const text = await readOptional(path)
  if (text === undefined) {
    throw new SluiceError('E_KUBECONFIG_INVALID', { object: label, expected: 'an existing file', seen: path })
  }
  return text
}
