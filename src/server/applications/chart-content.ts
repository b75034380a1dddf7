import { LRUCache } from 'lru-cache'
import {
  type ChartChoice,
  readTemplates,
  referenceChartsFolder,
  type Template,
  templateInGit,
} from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { repositoryChart } from '../charts/chart-archive.ts'
import type { ServerContext } from '../context.ts'
import type { ChartContent } from '../contract/templates.ts'

let shipped: Promise<Template[]> | undefined
const fromGit = new LRUCache<string, ChartContent>({ max: 50 })

/** The reference charts that this Sluice brings. */
export function shippedTemplates(): Promise<Template[]> {
  shipped ??= readTemplates(referenceChartsFolder())
  shipped.catch(() => {
    shipped = undefined
  })
  return shipped
}

/** A reference chart: as the repository has it, else as this Sluice brings it. @throws E_NOT_FOUND */
export async function templateFor(tree: FileTree | undefined, name: string, version: string): Promise<Template> {
  const found =
    (tree === undefined ? undefined : await templateInGit(tree, name, version)) ??
    (await shippedTemplates()).find(one => one.name === name && one.version === version)
  if (found) return found
  throw new SluiceError('E_NOT_FOUND', { object: `template ${name} ${version}` })
}

export function contentOf({ values, valuesText, schema, readme }: Template): ChartContent {
  return { values, valuesText, readme, ...(Object.keys(schema).length === 0 ? {} : { schema }) }
}

/**
 * What a chart says of itself: out of Git, or out of the archive of its repository.
 *
 * @throws E_NOT_FOUND, E_CHART_…
 */
export async function chartContent(
  context: ServerContext,
  tree: FileTree | undefined,
  chart: ChartChoice,
): Promise<ChartContent> {
  if (chart.kind === 'Chart') return (await repositoryChart(context, chart)).content
  const entry = await tree?.entry(`charts/${chart.name}-${chart.version}`)
  const key = entry?.digest === undefined ? undefined : `${entry.digest}/${chart.name}`
  const known = key === undefined ? undefined : fromGit.get(key)
  if (known) return known
  const content = contentOf(await templateFor(tree, chart.name, chart.version))
  if (key !== undefined) fromGit.set(key, content)
  return content
}
