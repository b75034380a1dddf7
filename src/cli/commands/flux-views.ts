import { valueAt } from '../../base/json.ts'
import type { NamedFluxKind } from '../../fleet/flux-kinds.ts'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { CliIo } from '../io.ts'
import { formatAge } from '../output/age.ts'
import type { ListView } from '../output/result.ts'
import { shortRevision } from '../output/revision.ts'
import type { Column } from '../output/table.ts'

/** How GitRepositories are listed. */
export function sourceView(io: CliIo): ListView<KubeObject> {
  return {
    empty: 'No sources.',
    name: row => `gitrepository/${row.metadata.name}`,
    data: withoutManagedFields,
    columns: [
      ...identity,
      { header: 'URL', value: row => text(row, 'spec', 'url'), wide: true },
      { header: 'REVISION', value: row => shortRevision(text(row, 'status', 'artifact', 'revision')) },
      ...state(io),
    ],
  }
}

/** How Kustomizations are listed. */
export function kustomizationView(io: CliIo): ListView<KubeObject> {
  return {
    empty: 'No Kustomizations.',
    name: row => `kustomization/${row.metadata.name}`,
    data: withoutManagedFields,
    columns: [
      ...identity,
      { header: 'PATH', value: row => text(row, 'spec', 'path'), wide: true },
      { header: 'REVISION', value: row => shortRevision(text(row, 'status', 'lastAppliedRevision')) },
      ...state(io),
    ],
  }
}

/** How objects of any other kind of Flux are listed. */
export function fluxView(io: CliIo, kind: NamedFluxKind): ListView<KubeObject> {
  const revision = (row: KubeObject) =>
    text(row, 'status', 'artifact', 'revision') ??
    text(row, 'status', 'lastAppliedRevision') ??
    text(row, 'status', 'lastAttemptedRevision')
  return {
    empty: `No ${kind.kind} objects.`,
    name: row => `${kind.kind.toLowerCase()}/${row.metadata.name}`,
    data: withoutManagedFields,
    columns: [
      ...identity,
      { header: 'URL', value: row => text(row, 'spec', 'url') ?? text(row, 'spec', 'endpoint'), wide: true },
      ...(kind.role === 'notification'
        ? []
        : [{ header: 'REVISION', value: (row: KubeObject) => shortRevision(revision(row)) }]),
      ...state(io),
    ],
  }
}

const identity: readonly Column<KubeObject>[] = [
  { header: 'NAMESPACE', value: row => row.metadata.namespace },
  { header: 'NAME', value: row => row.metadata.name },
]

function state(io: CliIo): Column<KubeObject>[] {
  const now = new Date()
  return [
    { header: 'SUSPENDED', value: row => (valueAt(row, ['spec', 'suspend']) === true ? 'True' : 'False') },
    {
      header: 'READY',
      value: row => conditionOf(row, 'Ready')?.status ?? 'Unknown',
      paint: (shown, row) => {
        const status = conditionOf(row, 'Ready')?.status
        return status === 'True' ? io.out.good(shown) : status === 'False' ? io.out.bad(shown) : io.out.moving(shown)
      },
    },
    { header: 'AGE', value: row => formatAge(row.metadata.creationTimestamp, now), wide: true },
    { header: 'MESSAGE', value: row => shortenHashes(conditionOf(row, 'Ready')?.message) },
  ]
}

function shortenHashes(message: string | undefined): string | undefined {
  return message?.replace(/\bsha(?:1|256):([0-9a-f]{7})[0-9a-f]{33,57}\b/g, '$1')
}

function text(object: KubeObject, ...path: string[]): string | undefined {
  const value = valueAt(object, path)
  return typeof value === 'string' ? value : undefined
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}
