import { createHash } from 'node:crypto'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'

/** Digests of what changes the rendering beside the values (Flux: postrender.Digest); undefined where nothing does. */
export interface Rendering {
  readonly observedPostRenderersDigest: string | undefined
  readonly observedCommonMetadataDigest: string | undefined
}

export function renderingOf(object: HelmRelease): Rendering {
  const { postRenderers, commonMetadata } = object.spec
  return {
    observedPostRenderersDigest:
      postRenderers && digest(postRenderers.map(({ kustomize }) => ({ kustomize: kustomize && step(kustomize) }))),
    observedCommonMetadataDigest:
      commonMetadata &&
      digest({ annotations: sorted(commonMetadata.annotations), labels: sorted(commonMetadata.labels) }),
  }
}

type Step = NonNullable<NonNullable<HelmRelease['spec']['postRenderers']>[number]['kustomize']>

/** Fields in the order in which Go writes them. */
function step({ patches, images }: Step): unknown {
  return {
    patches: patches?.map(({ patch, target }) => ({
      patch,
      target: target && {
        group: target.group,
        version: target.version,
        kind: target.kind,
        namespace: target.namespace,
        name: target.name,
        annotationSelector: target.annotationSelector,
        labelSelector: target.labelSelector,
      },
    })),
    images: images?.map(({ name, newName, newTag, digest: exact }) => ({ name, newName, newTag, digest: exact })),
  }
}

function sorted(map: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined {
  return (
    map &&
    Object.fromEntries(
      Object.keys(map)
        .sort()
        .map(key => [key, map[key]!]),
    )
  )
}

function digest(value: unknown): string {
  const json = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `sha256:${createHash('sha256').update(`${json}\n`).digest('hex')}`
}
