import { at } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { KubeObject } from '../../kube/object.ts'
import { fleetFolder } from '../../layout/index.ts'
import { type HelmRepository, readDocuments } from '../../specs/index.ts'
import type { ServerContext } from '../context.ts'
import type { RepositoryState } from '../repository/index.ts'

/** Charts of a registry that somebody named: a registry does not list what it has. */
export const chartsAnnotation = 'charts.sluice.dev/charts'

/** A chart repository, as Git or the cluster has it. */
export interface ChartRepository {
  readonly name: string
  readonly object: HelmRepository
  /** As the cluster has it: with its Secret in the cluster. */
  readonly live: KubeObject | undefined
  /** File in Git. */
  readonly file: string | undefined
}

/** Folder of chart repositories, inside of what the cluster applies. */
export function chartRepositoriesFolder({ place }: Pick<RepositoryState, 'place'>): string {
  const fleet = fleetFolder(place.fleetPath)
  return fleet === '' ? 'sluice-charts' : `${fleet}/sluice-charts`
}

/** Every chart repository of the system namespace, by name. */
export async function readChartRepositories(
  context: ServerContext,
  state: RepositoryState,
): Promise<ChartRepository[]> {
  const namespace = state.place.systemNamespace
  const live = new Map((context.flux?.repositories.list(namespace) ?? []).map(one => [one.metadata.name ?? '', one]))
  const found = new Map<string, ChartRepository>()
  for (const entry of await state.tree.list(chartRepositoriesFolder(state))) {
    if (entry.kind !== 'file' || !/\.ya?ml$/.test(entry.name)) continue
    const text = (await state.tree.read(entry.path))?.toString('utf8') ?? ''
    for (const { object } of readDocuments({ path: entry.path, text }).documents) {
      const { kind, metadata } = object
      if (kind !== 'HelmRepository' || metadata.name === undefined || typeof at(object, 'spec', 'url') !== 'string')
        continue
      const inCluster = live.get(metadata.name)
      found.set(metadata.name, {
        name: metadata.name,
        object: object as HelmRepository,
        live: inCluster,
        file: entry.path,
      })
    }
  }
  for (const [name, object] of live)
    if (!found.has(name)) found.set(name, { name, object: object as HelmRepository, live: object, file: undefined })
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** @throws E_NOT_FOUND */
export async function chartRepositoryNamed(
  context: ServerContext,
  state: RepositoryState,
  name: string,
): Promise<ChartRepository> {
  const found = (await readChartRepositories(context, state)).find(one => one.name === name)
  if (found) return found
  throw new SluiceError('E_NOT_FOUND', { object: `chart repository ${name}` })
}

export function isRegistry({ object }: ChartRepository): boolean {
  return object.spec.url.startsWith('oci://')
}

/** Charts that were named of a registry. */
export function namedCharts({ object }: ChartRepository): string[] {
  const text = object.metadata.annotations?.[chartsAnnotation] ?? ''
  return text
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .slice(0, 100)
}
