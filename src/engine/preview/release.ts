import { SluiceError } from '../../base/errors/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { messageOf } from '../failure.ts'
import type { Chart } from '../helmrelease/chart/chart.ts'
import { identityOf } from '../helmrelease/identity.ts'
import { Renderer } from '../helmrelease/render.ts'
import { collectValues } from '../helmrelease/values/collect.ts'
import { mergeValues } from '../helmrelease/values/tables.ts'
import { chartOf, localChart } from './chart.ts'
import { type EnvironmentInput, type PreviewEnvironment, withEnvironment } from './environment.ts'
import { type GivenTree, PreviewSources } from './sources.ts'
import { type Standing, standingOf } from './standing.ts'

export interface ReleasePreviewInput extends EnvironmentInput {
  /** The HelmRelease as it would be, with the status of the cluster. */
  readonly release: HelmRelease
  /** A folder or packed chart of this machine, in the place of the one that the release names. */
  readonly chart?: string
  readonly given?: GivenTree
}

/** What a release would consist of. */
export interface ReleasePreview {
  readonly release: HelmRelease
  readonly chart: Chart
  /** As YAML, hooks included. */
  readonly manifest: string
  /** What there is of it now. */
  readonly standing: Standing
  /** Client of the release's cluster. */
  readonly client: KubeClient
  readonly signal: AbortSignal
}

/**
 * Renders a release as the engine would, and hands it to `work`: chart, values, post-renderers. Nothing is written to a
 * cluster. Everything is read with the rights of the client. Fails with E_ENGINE_BUILD.
 */
export async function withReleasePreview<T>(
  input: ReleasePreviewInput,
  work: (preview: ReleasePreview) => Promise<T>,
): Promise<T> {
  return withEnvironment(input, async environment => {
    const { signal } = input
    // A preview has the rights of the person who asks for it, on whatever cluster the release is.
    const { serviceAccountName: _account, ...spec } = input.release.spec
    const own = { ...input.release, spec } as HelmRelease
    // Dry runs are writes to a client: those who ask for them get one that writes.
    const engine = { ...environment.context, client: input.client, guard: (one: KubeClient) => one }
    const identity = await failing(input.release, () => identityOf({ engine }, own))
    const { client } = identity
    try {
      const preview = await failing(input.release, () => render(input, environment, environment.context.guard(client)))
      return await work({ ...preview, client, signal })
    } finally {
      await identity.close()
    }
  })
}

async function render(
  { release, chart: path, given, read, signal }: ReleasePreviewInput,
  environment: PreviewEnvironment,
  client: KubeClient,
): Promise<Omit<ReleasePreview, 'client' | 'signal'>> {
  const { namespace = '' } = release.metadata
  const sources = new PreviewSources(environment, given)
  const chart =
    path === undefined ? await chartOf(release, sources, read) : await localChart(path, namespace, environment, sources)
  const standing = await standingOf(release, chart.name, client, signal)
  const collected = await collectValues(release, (kind, name) =>
    read({ group: '', version: 'v1', kind, namespace, name }),
  )
  const kept = release.spec.upgrade?.preserveValues === true ? standing.deployed?.config : undefined
  const values = kept === undefined ? collected : mergeValues(kept, collected)
  const manifest = await new Renderer(environment.helm).render({
    ...{ object: release, chart, values, client, signal },
    upgrade: standing.deployed !== undefined,
  })
  return { release, chart, manifest, standing }
}

async function failing<T>(release: HelmRelease, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SluiceError) throw error
    const { namespace, name } = release.metadata
    throw new SluiceError('E_ENGINE_BUILD', {
      object: `HelmRelease/${namespace}/${name}`,
      seen: messageOf(error),
      cause: error,
    })
  }
}
