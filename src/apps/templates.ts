import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { isObject } from '../base/json.ts'
import type { FileChange } from '../git/index.ts'
import { parseYaml } from '../kube/yaml/index.ts'
import { chartsFolder } from './paths.ts'
import { templatePath } from './release.ts'
import type { Values } from './types.ts'

const maxTemplateBytes = 4 * 1024 * 1024

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

/** The folder of the reference charts: beside the code, wherever the bundle was put. */
export function referenceChartsFolder(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    const folder = join(at, 'charts')
    if (existsSync(join(folder, 'web-service', 'Chart.yaml')) || at === dirname(at)) return folder
  }
}

/** A reference chart as the repository has it; undefined when it has no such version. */
export async function templateInGit(tree: FileTree, name: string, version: string): Promise<Template | undefined> {
  const root = templatePath(name, version)
  const files = new Map<string, Buffer>()
  let bytes = 0
  const walk = async (folder: string, depth: number): Promise<void> => {
    for (const entry of depth > 8 ? [] : await tree.list(folder)) {
      if (entry.kind === 'folder') await walk(entry.path, depth + 1)
      const content = entry.kind === 'file' && files.size < 500 ? await tree.read(entry.path) : undefined
      bytes += content?.length ?? 0
      if (content !== undefined && bytes <= maxTemplateBytes) files.set(entry.path.slice(root.length + 1), content)
    }
  }
  await walk(root, 0)
  return files.has('Chart.yaml') ? templateOf(files, name, root) : undefined
}

/** Versions of reference charts that the repository has, by name. */
export async function templatesInGit(tree: FileTree): Promise<ReadonlyMap<string, readonly string[]>> {
  const out = new Map<string, string[]>()
  for (const { name: folder, kind } of await tree.list(chartsFolder)) {
    const found = kind === 'folder' ? /^([a-z0-9-]+?)-(\d+\.\d+\.\d+\S*)$/.exec(folder) : null
    if (found) out.set(found[1]!, [...(out.get(found[1]!) ?? []), found[2]!])
  }
  return out
}

async function readTemplate(folder: string, name: string): Promise<Template> {
  const files = new Map<string, Buffer>()
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(folder.length + 1).replaceAll('\\', '/'), await readFile(path))
  }
  return templateOf(files, name, folder)
}

function templateOf(files: ReadonlyMap<string, Buffer>, name: string, folder: string): Template {
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
