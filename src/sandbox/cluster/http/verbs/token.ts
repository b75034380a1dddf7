import { isObject } from '../../../../base/json.ts'
import { tokenAudience } from '../../auth/service-account-tokens.ts'
import type { ClusterState } from '../../cluster-state.ts'
import { recordKey } from '../../store/record.ts'
import { asObject } from '../../write/decode.ts'
import { timestamp } from '../../write/timestamp.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { invalid, notFound } from '../status.ts'
import { readJsonOrProtobuf } from '../write-context.ts'

const defaultSeconds = 3600
const minSeconds = 600
const maxSeconds = 2 ** 32

/** Makes a token for a service account (`serviceaccounts/NAME/token`). */
export async function tokenVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const sent = asObject(await readJsonOrProtobuf(request, 'authentication/v1.TokenRequest'))
  const account = cluster.store.collection('serviceaccounts').get(recordKey(request.namespace, request.name))
  if (!account) throw notFound({ group: '', resource: 'serviceaccounts', name: request.name })
  const spec = isObject(sent['spec']) ? sent['spec'] : {}
  const seconds = typeof spec['expirationSeconds'] === 'number' ? spec['expirationSeconds'] : defaultSeconds
  if (seconds < minSeconds || seconds > maxSeconds) {
    const detail =
      seconds < minSeconds
        ? 'may not specify a duration less than 10 minutes'
        : 'may not specify a duration larger than 2^32 seconds'
    throw invalid({ group: 'authentication.k8s.io', resource: 'TokenRequest', name: '' }, [
      { type: 'FieldValueInvalid', field: 'spec.expirationSeconds', value: seconds, detail },
    ])
  }
  const audiences =
    Array.isArray(spec['audiences']) && spec['audiences'].length > 0 ? spec['audiences'].map(String) : [tokenAudience]
  const now = cluster.clock.now()
  const { token, expires } = cluster.tokens.issue(request.namespace, request.name, account.uid, audiences, seconds, now)
  const body = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: request.name, namespace: request.namespace, creationTimestamp: timestamp(now) },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: spec['boundObjectRef'] ?? null },
    status: { token, expirationTimestamp: timestamp(expires) },
  }
  return { status: 201, json: JSON.stringify(body) }
}
