import type { FileTree } from '../../base/file-tree.ts'
import { isObject } from '../../base/json.ts'
import { parseYaml } from '../../kube/yaml/index.ts'
import { type Format, formatOf } from '../../sops/index.ts'
import { pathInSource } from '../kustomization/path.ts'

const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
/** More folders than this are no build of a person's. */
const maxFolders = 10_000

/**
 * The files that a build decrypts before it reads them, with the format that each is kept in: those that secret
 * generators take in as files or as environments, and patches, in the kustomization of the folder and in all bases and
 * components below it, wherever they stand in the tree. ConfigMap generators are left out on purpose: what is encrypted
 * in Git must not become readable in a ConfigMap.
 */
export async function namedFiles(
  tree: FileTree,
  folder: string,
  components: readonly string[],
): Promise<ReadonlyMap<string, Format>> {
  const files = new Map<string, Format>()
  const seen = new Set<string>()
  const queue = [folder, ...components.map(path => pathInSource(`${folder}/${path}`))]
  for (let here = queue.shift(); here !== undefined; here = queue.shift()) {
    if (seen.has(here) || seen.size >= maxFolders) continue
    seen.add(here)
    if ((await tree.entry(here))?.kind !== 'folder') continue
    const file = await kustomizationOf(tree, here)
    if (file === undefined) {
      // Without a file, everything below is built, and folders with one as bases.
      for (const entry of await tree.list(here)) if (entry.kind === 'folder') queue.push(entry.path)
      continue
    }
    const at = (path: string): string => pathInSource(`${here}/${path}`)
    for (const [path, format] of filesOf(file)) if (!files.has(at(path))) files.set(at(path), format)
    for (const field of ['resources', 'components', 'bases']) queue.push(...texts(file[field]).map(at))
  }
  return files
}

async function kustomizationOf(tree: FileTree, folder: string): Promise<Record<string, unknown> | undefined> {
  for (const name of fileNames) {
    const path = folder === '' ? name : `${folder}/${name}`
    if ((await tree.entry(path))?.kind !== 'file') continue
    const bytes = await tree.read(path)
    try {
      const value = bytes === undefined ? undefined : parseYaml(bytes, { source: path })
      return isObject(value) ? value : {}
    } catch {
      // The build says what is wrong with it.
      return {}
    }
  }
  return undefined
}

function filesOf(file: Record<string, unknown>): [path: string, format: Format][] {
  const named: [string, Format][] = []
  for (const generator of objects(file['secretGenerator'])) {
    for (const source of texts(generator['files'])) {
      const cut = source.indexOf('=')
      named.push([source.slice(cut + 1), formatOf(cut < 0 ? source : source.slice(0, cut))])
    }
    for (const path of [...texts(generator['envs']), ...texts([generator['env']])]) {
      const format = formatOf(path)
      named.push([path, format === 'binary' ? 'dotenv' : format])
    }
  }
  for (const patch of objects(file['patches'])) {
    for (const path of texts([patch['path']])) named.push([path, formatOf(path)])
  }
  return named.filter(([path]) => !path.includes('://') && !path.startsWith('/'))
}

function objects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
}
