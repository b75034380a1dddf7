import { createHash } from 'node:crypto'
import type { KubeObject } from '../../kube/object.ts'
import { parseSelector } from './selector.ts'

/** The part of a cluster's objects that one engine works on. */
export interface Shard {
  /** Whether an object is ours to reconcile. All objects can be read, whoever's they are. */
  owns(object: KubeObject): boolean
  /** Name of the Lease that engines of this shard share. */
  readonly leaseName: string
}

/** The label by which Flux's objects are spread over controllers. */
export const shardingKey = 'sharding.fluxcd.io/key'

/** The shard of a label selector; all objects when there is none. Fails with E_ENGINE_SELECTOR. */
export function shardOf(selector: string | undefined): Shard {
  const text = (selector ?? '').trim()
  if (text === '') return { owns: () => true, leaseName: 'sluice-engine' }
  const matches = parseSelector(text)
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 10)
  return { owns: object => matches(object.metadata.labels), leaseName: `sluice-engine-${digest}` }
}
