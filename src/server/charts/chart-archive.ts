import { LRUCache } from 'lru-cache'
import type { ChartChoice } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { browseChart } from '../../engine/index.ts'
import { parseYaml } from '../../kube/yaml/index.ts'
import type { ServerContext } from '../context.ts'
import type { ChartContent } from '../contract/templates.ts'
import { browseInput, wordsOf } from './chart-index.ts'
import { chartRepositoryNamed } from './chart-repositories.ts'

/** What a chart's archive says of itself. */
export interface ArchivedChart {
  readonly version: string
  readonly content: ChartContent
  /** Chart.yaml. */
  readonly metadata: Record<string, unknown>
}

const mostText = 512 * 1024
const archives = new LRUCache<string, Promise<ArchivedChart>>({ max: 50 })

/**
 * The content of a chart of a repository: README, values and schema, out of its archive.
 *
 * @throws E_NOT_FOUND, E_CHART_REPOSITORY
 */
export async function repositoryChart(
  context: ServerContext,
  chart: Extract<ChartChoice, { kind: 'Chart' }>,
): Promise<ArchivedChart> {
  const repository = await chartRepositoryNamed(context, await context.repository.read(), chart.repository)
  const key = JSON.stringify([context.serverId, repository.object.spec, chart])
  let found = archives.get(key)
  if (found === undefined) {
    found = fetched(context, repository, chart)
    archives.set(key, found)
    found.catch(() => archives.delete(key))
  }
  return found
}

async function fetched(
  context: ServerContext,
  repository: Parameters<typeof browseInput>[1],
  { name, version }: Extract<ChartChoice, { kind: 'Chart' }>,
): Promise<ArchivedChart> {
  const chart = await browseChart(browseInput(context, repository), name, version).catch((error: unknown) => {
    context.signal.throwIfAborted()
    throw new SluiceError('E_CHART_REPOSITORY', {
      object: `chart ${name} ${version} of ${repository.name}`,
      seen: wordsOf(error),
    })
  })
  const text = (file: string) => {
    const entry = chart.files.find(
      ({ path }) => /^[^/]+\//.test(path) && path.slice(path.indexOf('/') + 1).toLowerCase() === file,
    )
    return entry === undefined || entry.bytes.length > mostText ? '' : entry.bytes.toString('utf8')
  }
  const valuesText = text('values.yaml')
  const values = valuesText.trim() === '' ? {} : parsed(() => parseYaml(valuesText))
  const schema = parsed(() => JSON.parse(text('values.schema.json') || 'null') as unknown)
  const metadata = parsed(() => parseYaml(text('chart.yaml')))
  return {
    version: chart.version,
    metadata: isObject(metadata) ? metadata : {},
    content: {
      values: isObject(values) ? values : {},
      valuesText,
      readme: text('readme.md'),
      ...(isObject(schema) ? { schema } : {}),
    },
  }
}

/** What a chart has wrong is helm's to refuse: a page shows the rest. */
function parsed(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return undefined
  }
}
