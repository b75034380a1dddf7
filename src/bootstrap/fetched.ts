import { valueAt } from '../base/json.ts'
import type { BootstrapContext } from './types.ts'

/** The revision that the cluster has fetched; undefined when it follows nothing yet. Anything else is news to it. */
export async function fetchedRevision({
  client,
  fleet,
  signal,
}: Pick<BootstrapContext, 'client' | 'fleet' | 'signal'>): Promise<string | undefined> {
  const kind = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository' }
  const source = await client.find({ ...kind, namespace: fleet.namespace, name: fleet.namespace }, { signal })
  const revision = valueAt(source, ['status', 'artifact', 'revision'])
  return typeof revision === 'string' ? revision : undefined
}
