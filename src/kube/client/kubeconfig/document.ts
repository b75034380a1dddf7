import { isAbsolute, resolve } from 'node:path'
import { SluiceError } from '../../../base/errors/index.ts'
import { isObject } from '../../../base/json.ts'
import { parseYaml } from '../../yaml/parse.ts'

/** A mapping of a kubeconfig, with the folder that its relative paths start from. */
export interface Entry {
  readonly fields: Readonly<Record<string, unknown>>
  readonly folder: string
  /** How errors name it: `cluster "prod" in /home/a/.kube/config`. */
  readonly label: string
}

/** The merged content of one or more kubeconfig files. */
export interface KubeConfigDocument {
  currentContext: string
  readonly clusters: Map<string, Entry>
  readonly users: Map<string, Entry>
  readonly contexts: Map<string, Entry>
  /** The files that were read. */
  readonly files: string[]
}

export function emptyDocument(): KubeConfigDocument {
  return { currentContext: '', clusters: new Map(), users: new Map(), contexts: new Map(), files: [] }
}

/**
 * Adds one file as kubectl merges them: the first file that sets something wins, and entries are taken whole.
 *
 * @throws SluiceError E_KUBECONFIG_INVALID when the file is no kubeconfig.
 */
export function addFile(into: KubeConfigDocument, path: string, folder: string, text: string): void {
  const root = parseYaml(text, { source: path, maxLength: 8 * 1024 * 1024 })
  into.files.push(path)
  if (root === null) return
  if (!isObject(root)) throw invalid(path, 'a mapping', 'something else')
  const current = root['current-context']
  if (into.currentContext === '' && typeof current === 'string') into.currentContext = current
  addNamed(into.clusters, root['clusters'], 'cluster', path, folder)
  addNamed(into.users, root['users'], 'user', path, folder)
  addNamed(into.contexts, root['contexts'], 'context', path, folder)
}

function addNamed(into: Map<string, Entry>, list: unknown, what: string, path: string, folder: string): void {
  if (list === undefined || list === null) return
  if (!Array.isArray(list)) throw invalid(`${path} ${what}s`, 'a list', 'something else')
  const seen = new Set<string>()
  list.forEach((item, i) => {
    const name = isObject(item) ? item['name'] : undefined
    if (!isObject(item) || typeof name !== 'string') {
      throw invalid(`${path} ${what}s[${i}]`, 'a mapping with a name', 'none')
    }
    if (seen.has(name)) throw invalid(`${path} ${what}s`, 'each name once', `"${name}" twice`)
    seen.add(name)
    const fields = item[what]
    if (into.has(name)) return
    into.set(name, { fields: isObject(fields) ? fields : {}, folder, label: `${what} "${name}" in ${path}` })
  })
}

/** A field that must be a text; undefined when it is absent or empty, which kubeconfigs treat alike. */
export function textField(entry: Entry, field: string): string | undefined {
  const value = entry.fields[field]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw invalid(`${entry.label}: ${field}`, 'a text', `a ${typeof value}`)
  return value
}

export function booleanField(entry: Entry, field: string): boolean {
  const value = entry.fields[field]
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw invalid(`${entry.label}: ${field}`, 'true or false', `a ${typeof value}`)
  return value
}

/** A field that names a file, relative to the folder of its kubeconfig. */
export function pathField(entry: Entry, field: string): string | undefined {
  const value = textField(entry, field)
  if (value === undefined) return undefined
  return isAbsolute(value) ? value : resolve(entry.folder, value)
}

export function invalid(object: string, expected: string, seen: string, next?: string): SluiceError {
  return new SluiceError('E_KUBECONFIG_INVALID', { object, expected, seen, ...(next === undefined ? {} : { next }) })
}
