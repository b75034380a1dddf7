import { isAlreadyExists } from '../../../kube/client/status.ts'
import { conditionOf } from '../../../kube/condition.ts'
import { refOf } from '../../../kube/identity.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Attempt, Wanted } from '../attempt.ts'
import { helmManager, originNameLabel, originNamespaceLabel } from '../contract.ts'

/** How long definitions may take to be usable (helm-controller: 60 s). */
const withinMs = 60_000

/**
 * Applies the definitions in `crds/` of a chart: none, those that are missing, or all of them. helm itself never changes
 * a definition that is there; definitions are never deleted.
 */
export async function applyCrds(
  { object, context, work }: Attempt,
  { chart, client }: Wanted,
  policy: 'Skip' | 'Create' | 'CreateReplace',
): Promise<void> {
  if (policy === 'Skip' || chart.crds.length === 0) return
  const { signal } = work
  const options = { fieldManager: helmManager, signal }
  const labels = {
    [originNameLabel]: object.metadata.name ?? '',
    [originNamespaceLabel]: object.metadata.namespace ?? '',
  }
  const changed: KubeObject[] = []
  for (const definition of chart.crds) {
    const wanted: KubeObject = {
      ...definition,
      metadata: { ...definition.metadata, labels: { ...definition.metadata.labels, ...labels } },
    }
    const live = policy === 'CreateReplace' ? await client.find(refOf(wanted), { signal }) : undefined
    if (live !== undefined) {
      const { resourceVersion } = live.metadata
      changed.push(
        await client.replace(
          { ...wanted, metadata: { ...wanted.metadata, ...(resourceVersion ? { resourceVersion } : {}) } },
          options,
        ),
      )
      continue
    }
    try {
      changed.push(await client.create(wanted, options))
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
    }
  }
  if (changed.length === 0) return
  await work.park(async () => {
    const { clock } = context.engine
    const deadline = clock.monotonic() + withinMs
    for (const definition of changed) {
      for (let wait = 20; ; wait = Math.min(1000, wait * 2)) {
        const live = await client.find(refOf(definition), { signal })
        if (live !== undefined && conditionOf(live, 'Established')?.status === 'True') break
        if (clock.monotonic() > deadline)
          throw new Error(`failed to wait for CustomResourceDefinition ${definition.metadata.name}`)
        await clock.sleep(wait, signal)
      }
    }
  })
  client.invalidateDiscovery()
}
