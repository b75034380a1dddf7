import { SluiceError } from '../base/errors/index.ts'
import { jsonEqual, valueAt } from '../base/json.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { isKubeObject } from '../kube/identity.ts'
import { editYaml, parseYamlStream } from '../kube/yaml/index.ts'
import type { Fleet, FleetCluster } from './fleet-input.ts'

const clusterKind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' } as const

/**
 * A fleet whose workload clusters may run already, without a gitOpsRef. EKS Anywhere's webhook lets none of them get one
 * later (`field is immutable`), and a Cluster that it refuses would stop the whole sync: so the cluster is asked by a dry
 * run, and where it refuses, the file keeps what is live. Nothing needs the field there: the folder is what is followed.
 */
export async function fitToLive(fleet: Fleet, client: KubeClient, signal: AbortSignal): Promise<Fleet> {
  const clusters: FleetCluster[] = []
  const warnings: string[] = []
  for (const cluster of fleet.clusters) {
    const text = await fitted(cluster, client, signal)
    clusters.push(text === undefined ? cluster : { ...cluster, clusterFile: text })
    if (text !== undefined) {
      warnings.push(
        `Cluster/${cluster.name} runs already, and EKS Anywhere lets its gitOpsRef not be changed: its file in Git keeps what is live; it follows Git all the same`,
      )
    }
  }
  return { ...fleet, clusters, warnings: [...fleet.warnings, ...warnings] }
}

/** The file with the live gitOpsRef; undefined where the file may stay as it is. */
async function fitted(
  { name, namespace, clusterFile }: FleetCluster,
  client: KubeClient,
  signal: AbortSignal,
): Promise<string | undefined> {
  const ref = { ...clusterKind, namespace, name }
  // A cluster that cannot be asked, or does not know the kind, is told of by the checks.
  const live = await client.find(ref, { signal }).catch((error: unknown) => {
    signal.throwIfAborted()
    if (error instanceof SluiceError) return undefined
    throw error
  })
  const document = parseYamlStream(clusterFile).find(
    ({ value }) => isKubeObject(value) && value.kind === clusterKind.kind && value.metadata.name === name,
  )
  const field = ['spec', 'gitOpsRef']
  const [now, wanted] = [valueAt(live, field), valueAt(document?.value, field)]
  if (!live || !document || jsonEqual(now ?? null, wanted ?? null)) return undefined
  try {
    const patch = { spec: { gitOpsRef: wanted ?? null } }
    await client.patch(ref, 'merge', patch, { fieldManager: 'kustomize-controller', dryRun: true, signal })
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof SluiceError)) throw error
    return editYaml(clusterFile, [{ document: document.index, path: field, value: now }])
  }
}
