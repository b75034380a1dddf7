import type { IncomingMessage } from 'node:http'
import { denied } from './faults.ts'
import { AwsFailure, account } from './state.ts'

/** Someone who may call: a key and what it allows. */
export interface AwsKey {
  readonly accessKeyId: string
  readonly user: string
  /** Actions such as `eks:ListNodegroups`, or `eks:*`; everything when absent. */
  readonly allow?: readonly string[]
  /** Session keys carry a token with every request. */
  readonly sessionToken?: string
}

/** Who calls, from the signature's head. The signature itself is not worked out: the endpoint knows no secret keys. */
export class Callers {
  readonly #keys = new Map<string, AwsKey>()

  add(key: AwsKey): void {
    this.#keys.set(key.accessKeyId, key)
  }

  /** The service that a request is signed for. Fails as AWS does for a request without a proper signature. */
  service(request: IncomingMessage, region: string): string {
    const scope = scopeOf(request)
    if (scope.region !== region) {
      const message = `Credential should be scoped to a valid region. `
      throw new AwsFailure('InvalidSignatureException', message, 403)
    }
    return scope.service
  }

  /** The ARN of who calls, when an action is allowed to them. */
  authorize(request: IncomingMessage, action: string): string {
    const { key: id } = scopeOf(request)
    const key = this.#keys.get(id)
    const eks = action.startsWith('eks:')
    if (!key || (key.sessionToken !== undefined && request.headers['x-amz-security-token'] !== key.sessionToken)) {
      const code = eks ? 'UnrecognizedClientException' : 'InvalidClientTokenId'
      throw new AwsFailure(code, 'The security token included in the request is invalid.', 403)
    }
    const arn = `arn:aws:iam::${account}:user/${key.user}`
    const may = key.allow?.some(one => one === action || one === `${action.split(':')[0]}:*` || one === '*') ?? true
    if (!may) throw denied(action, arn)
    return arn
  }
}

function scopeOf(request: IncomingMessage): { key: string; region: string; service: string } {
  const head = request.headers.authorization ?? ''
  const [, key, region, service] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=[^,]*host[^,]*, Signature=[0-9a-f]{64}$/.exec(
      head,
    ) ?? []
  if (key === undefined || region === undefined || service === undefined) {
    throw new AwsFailure('MissingAuthenticationTokenException', 'Missing Authentication Token', 403)
  }
  return { key, region, service }
}
