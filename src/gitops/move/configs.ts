import { SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { isObject, jsonEqual } from '../../base/json.ts'
import type { FleetRepository } from '../../fleet/repository-remote.ts'
import { statusOf } from '../../kube/client/status.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { isKubeObject, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { editYaml, parseYamlStream } from '../../kube/yaml/index.ts'
import { readFleetTree } from '../../layout/index.ts'
import { eksaGroup } from '../../specs/index.ts'
import type { Place } from './place.ts'
import type { ConfigChanges } from './types.ts'

const kinds = ['FluxConfig', 'GitOpsConfig']

/** Where a config is to point. */
export interface ConfigTarget {
  readonly to: Place
  /** Present when the repository is another one. */
  readonly repository?: FleetRepository | undefined
}

/**
 * What FluxConfig and GitOpsConfig shall say of the new place. EKS Anywhere's webhook lets nobody change them (`config is
 * immutable`), and a refused object in Git would stop the whole sync: so the cluster is asked first, by a dry run, and a
 * config that it refuses stays as it is, in Git too. Reads only.
 */
export async function configChanges(
  client: KubeClient,
  tree: FileTree,
  place: { readonly path: string; readonly namespace: string },
  target: ConfigTarget,
  signal: AbortSignal,
): Promise<ConfigChanges> {
  const specs = new Map<string, Record<string, unknown>>()
  const refused: string[] = []
  let why: string | undefined
  const found = await readFleetTree(tree, { clusterConfigPath: place.path, systemNamespace: place.namespace })
  for (const { spec } of found.clusters) {
    const text = (await tree.read(spec.path))?.toString('utf8') ?? ''
    for (const { object } of configsIn(text)) {
      const wanted = specFor(object, target)
      if (!wanted || jsonEqual(wanted, object['spec'])) continue
      const refusal = await refusalOf(client, { ...object, spec: wanted }, signal)
      if (refusal === undefined) specs.set(keyOf(object), wanted)
      else {
        refused.push(keyOf(object))
        why ??= refusal
      }
    }
  }
  const note = `the cluster refuses a change of ${shown(refused)} (${why}): they stay as they are, in Git too`
  return { specs, notes: refused.length === 0 ? [] : [note] }
}

function shown(names: readonly string[]): string {
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`
}

/** The text of a cluster file with the configs that change. */
export function editConfigs(text: string, { specs }: ConfigChanges): string {
  if (specs.size === 0) return text
  const edits = configsIn(text).flatMap(({ index, object }) => {
    const spec = specs.get(keyOf(object))
    return spec ? [{ document: index, path: ['spec'], value: spec }] : []
  })
  return edits.length === 0 ? text : editYaml(text, edits)
}

function configsIn(text: string): { readonly index: number; readonly object: KubeObject }[] {
  try {
    return parseYamlStream(text).flatMap(({ value, index }) =>
      isKubeObject(value) && kinds.includes(value.kind) && value.apiVersion.startsWith(`${eksaGroup}/`)
        ? [{ index, object: value }]
        : [],
    )
  } catch (error) {
    if (error instanceof SluiceError) return []
    throw error
  }
}

function specFor(object: KubeObject, { to, repository }: ConfigTarget): Record<string, unknown> | undefined {
  const { spec } = object
  if (!isObject(spec)) return undefined
  const owner = repository && { owner: repository.owner, repository: repository.name }
  const path = to.path === '' ? '.' : to.path
  if (object.kind === 'GitOpsConfig') {
    const flux = isObject(spec['flux']) ? spec['flux'] : {}
    const github = isObject(flux['github']) ? flux['github'] : {}
    return {
      ...spec,
      flux: { ...flux, github: { ...github, branch: to.branch, clusterConfigPath: path, ...owner } },
    }
  }
  const { github, git } = spec
  return {
    ...spec,
    branch: to.branch,
    clusterConfigPath: path,
    ...(isObject(github) && owner ? { github: { ...github, ...owner } } : {}),
    ...(isObject(git) && repository ? { git: { ...git, repositoryUrl: to.url } } : {}),
  }
}

/** What the cluster says against an object; undefined when it takes it. One that it does not hold is nobody's to refuse. */
async function refusalOf(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<string | undefined> {
  if (!(await client.find(refOf(object), { signal }))) return undefined
  try {
    await client.apply(object, { fieldManager: 'kustomize-controller', force: true, dryRun: true, signal })
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof SluiceError)) throw error
    return statusOf(error)?.message ?? error.facts.seen ?? error.message
  }
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ?? 'default'}/${metadata.name}`
}
