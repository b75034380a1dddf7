import { SluiceError } from '../base/errors/index.ts'
import {
  buildForDiff,
  type GivenTree,
  overlaid,
  type ReleasePreview,
  type ReleasePreviewInput,
  withReleasePreview,
} from '../engine/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import type { HelmRelease, Kustomization } from '../specs/index.ts'
import { type DiffSubject, followersOf, withTree } from './diff.ts'
import { findFleetSync } from './find-sync.ts'
import { kustomizationKind } from './read-fleet.ts'

const releaseKind = { group: 'helm.toolkit.fluxcd.io', version: 'v2', kind: 'HelmRelease' } as const
const ownerName = 'kustomize.toolkit.fluxcd.io/name'
const ownerNamespace = 'kustomize.toolkit.fluxcd.io/namespace'

export interface PreviewRequest extends Pick<ReleasePreviewInput, 'env' | 'signal' | 'chart'> {
  readonly client: KubeClient
  readonly name: string
  readonly namespace: string
  /** Where the HelmRelease, its values and its sources are looked for; the cluster as it is when absent. */
  readonly subject?: DiffSubject
}

/**
 * Renders a HelmRelease as it is in the cluster, or as a working tree or revision would make it, and hands it to `work`.
 *
 * @throws E_FLEET_NO_SYNC, E_ENGINE_BUILD, E_ENGINE_DIFF, E_GIT_…, E_KUBE_…
 */
export async function previewRelease<T>(
  request: PreviewRequest,
  work: (preview: ReleasePreview) => Promise<T>,
): Promise<T> {
  const { client, name, namespace, subject, signal, env, chart } = request
  const ref = { ...releaseKind, namespace, name }
  const common = { client, signal, env, ...(chart === undefined ? {} : { chart }) }
  if (subject === undefined) {
    const release = (await client.get(ref, { signal })) as HelmRelease
    return withReleasePreview({ ...common, release, read: overlaid(client, [], signal) }, work)
  }
  const live = (await client.find(ref, { signal })) as HelmRelease | undefined
  const sync = await findFleetSync(client, signal)
  const { items } = await client.list(kustomizationKind, { signal })
  const followers = buildersOf(live, followersOf(sync, items)) as Kustomization[]
  return withTree(subject, sync.url, signal, async tree => {
    const proposed: KubeObject[] = []
    for (const kustomization of followers)
      proposed.push(...(await buildForDiff({ client, tree, kustomization, signal })))
    const found = proposed.find(
      ({ kind, metadata }) => kind === 'HelmRelease' && metadata.name === name && metadata.namespace === namespace,
    )
    if (found === undefined) throw unknownRelease(request, followers)
    const release = { ...found, ...(live?.status === undefined ? {} : { status: live.status }) } as HelmRelease
    const given: GivenTree = { namespace: sync.namespace, name: sync.sourceName, tree }
    return withReleasePreview({ ...common, release, given, read: overlaid(client, proposed, signal) }, work)
  })
}

/** The Kustomization that has applied a HelmRelease; all of them for one that is new. */
function buildersOf(live: HelmRelease | undefined, followers: KubeObject[]): KubeObject[] {
  const labels = live?.metadata.labels
  const owner = followers.filter(
    ({ metadata }) => metadata.name === labels?.[ownerName] && metadata.namespace === labels?.[ownerNamespace],
  )
  return owner.length > 0 ? owner : followers
}

function unknownRelease({ namespace, name }: PreviewRequest, followers: readonly KubeObject[]): SluiceError {
  const built = followers.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ') || 'none'
  return new SluiceError('E_ENGINE_BUILD', {
    object: `HelmRelease/${namespace}/${name}`,
    expected: 'one that the files make',
    seen: `none; Kustomizations that were built: ${built}`,
    next: 'Check the name and the namespace (-n), or leave out --path and --revision to look at the cluster alone.',
  })
}
