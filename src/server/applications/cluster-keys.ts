import { type AppsPlace, at, type SealWith } from '../../apps/index.ts'
import { isObject } from '../../base/json.ts'
import { ageKeys } from '../../sops/index.ts'
import type { ServerContext } from '../context.ts'

/**
 * The keys that the cluster opens sealed values with, out of the Secret `sops-age`: their recipients are whom values are sealed
 * for, and they open what is sealed already. None when the Secret is not there, or may not be read.
 */
export async function sealWith({ client, clock, signal }: ServerContext, place: AppsPlace): Promise<SealWith> {
  const ref = { group: '', version: 'v1', kind: 'Secret', namespace: place.systemNamespace, name: 'sops-age' }
  const secret = await client?.find(ref, { signal }).catch(() => undefined)
  const data = at(secret, 'data')
  const texts = Object.entries(isObject(data) ? data : {})
    .filter(([key, value]) => (key.endsWith('.agekey') || key === 'identity') && typeof value === 'string')
    .map(([, value]) => Buffer.from(String(value), 'base64').toString('utf8'))
  try {
    const keys = texts.length === 0 ? undefined : ageKeys(texts.join('\n'))
    return { keys, recipients: (keys?.age ?? []).map(({ recipient }) => recipient.text), clock }
  } catch {
    return { keys: undefined, recipients: [], clock }
  }
}
