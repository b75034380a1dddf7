import { type ErrorCode, SluiceError } from '../../base/errors/index.ts'
import { redact } from '../../secrets/secret.ts'

const codes: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|CredentialsProviderError|InvalidSignature|AuthFailure|MissingAuthenticationToken|TokenProviderError|InvalidAccessKeyId|SignatureDoesNotMatch)/,
    'E_AWS_CREDENTIALS',
  ],
  [/^(AccessDenied|UnauthorizedOperation|NotAuthorized)/, 'E_AWS_DENIED'],
  [
    /^(TooManyRequests|Throttl|RequestLimitExceeded|RequestThrottled|SlowDown|PriorRequestNotComplete)/,
    'E_AWS_THROTTLED',
  ],
  [/^(ResourceInUse|ScalingActivityInProgress|ResourceContention)/, 'E_AWS_BUSY'],
  [/^(ResourceNotFound)|NotFound$|\.NotFound/, 'E_AWS_NOT_FOUND'],
  [
    /^(ServerException|ServiceUnavailable|InternalFailure|InternalServer|InternalError|TimeoutError|NetworkingError|RequestTimeout|ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|UnknownError)/,
    'E_AWS_UNREACHABLE',
  ],
]

interface AwsError {
  readonly name?: string
  readonly code?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** What an AWS call failed with, as one of our errors: its own words, without account secrets. */
export function awsFailure(thrown: unknown, action: string, object: string): unknown {
  if (thrown instanceof SluiceError) return thrown
  const error = thrown as AwsError
  if (error?.name === 'AbortError') return thrown
  const names = [error?.name, error?.code].filter(name => typeof name === 'string')
  const status = error?.$metadata?.httpStatusCode ?? 0
  const known = codes.find(([pattern]) => names.some(name => pattern.test(name)))?.[1]
  const code =
    known ??
    (status === 429 ? 'E_AWS_THROTTLED' : status >= 500 || status === 0 ? 'E_AWS_UNREACHABLE' : 'E_AWS_REFUSED')
  const name = names[0] ?? 'Error'
  return new SluiceError(code, {
    object: `${object} (${action})`,
    seen: redact(`${name}: ${error?.message ?? ''}`.slice(0, 500)),
    cause: thrown,
    ...(code === 'E_AWS_DENIED'
      ? { next: `Allow ${action} to the identity; docs/guides/eksctl.md has the whole policy.` }
      : {}),
  })
}
