import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { isObject } from '../base/json.ts'
import type { FileChange } from '../git/index.ts'
import { parseYaml } from '../kube/yaml/index.ts'
import { templatePath } from './release.ts'
import type { Values } from './types.ts'

/** A deployment template: one of Sluice's reference charts. */
export interface Template {
  readonly name: string
  readonly version: string
  readonly title: string
  readonly description: string
  /** Every value with its default. */
  readonly values: Values
  /** values.yaml with its comments. */
  readonly valuesText: string
  /** JSON schema (draft 7) of the values, in the order of a form. */
  readonly schema: Record<string, unknown>
  /** Markdown. */
  readonly readme: string
  /** By path in the chart. */
  readonly files: ReadonlyMap<string, Buffer>
}

/** Reads the reference charts from the folder that holds one folder each. */
export async function readTemplates(folder: string): Promise<Template[]> {
  const names = (await readdir(folder, { withFileTypes: true })).filter(one => one.isDirectory()).map(one => one.name)
  return Promise.all(names.sort().map(name => readTemplate(join(folder, name), name)))
}

async function readTemplate(folder: string, name: string): Promise<Template> {
  const files = new Map<string, Buffer>()
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(folder.length + 1).replaceAll('\\', '/'), await readFile(path))
  }
  const text = (path: string) => files.get(path)?.toString('utf8') ?? ''
  const chart = parseYaml(text('Chart.yaml'))
  const values = parseYaml(text('values.yaml'))
  const schema: unknown = JSON.parse(text('values.schema.json') || '{}')
  if (!isObject(chart) || !isObject(values) || !isObject(schema) || chart['name'] !== name)
    throw new SluiceError('E_APP_INVALID', { object: `template ${name}`, expected: 'a chart', seen: folder })
  return {
    name,
    version: String(chart['version']),
    title: String(schema['title'] ?? name),
    description: String(chart['description'] ?? ''),
    values,
    valuesText: text('values.yaml'),
    schema,
    readme: text('README.md'),
    files,
  }
}

/** The files of a reference chart in the repository; none when it is there. Versions in Git are never overwritten. */
export async function templateFiles(tree: FileTree, template: Template): Promise<FileChange[]> {
  const folder = templatePath(template.name, template.version)
  if ((await tree.entry(`${folder}/Chart.yaml`)) !== undefined) return []
  return [...template.files].map(([path, content]) => ({ path: `${folder}/${path}`, content }))
}
