import { systemClock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { isObject } from '../base/json.ts'
import { silentLogger } from '../base/log.ts'
import { webAddress } from './address.ts'
import { Transport, type TransportAnswer } from './transport.ts'
import type { ForgeKind } from './types.ts'

/** How a host is looked at. */
export interface DetectOptions {
  readonly userAgent: string
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string
  /** Address of an HTTP proxy. */
  readonly proxy?: string
  readonly signal?: AbortSignal
}

type ApiKind = Exclude<ForgeKind, 'git'>

interface Sign {
  readonly kind: ApiKind
  readonly path: string
  readonly is: (answer: TransportAnswer) => boolean
}

/** One address that each kind answers without a credential, and what only that kind says there. */
const signs: readonly Sign[] = [
  {
    kind: 'github',
    path: '/api/v3/meta',
    is: ({ headers }) =>
      ['x-github-media-type', 'x-github-request-id', 'x-github-enterprise-version'].some(name => name in headers),
  },
  {
    kind: 'gitlab',
    path: '/api/v4/version',
    is: ({ status, headers, body }) =>
      'x-gitlab-meta' in headers || (status === 401 && isObject(body) && body['message'] === '401 Unauthorized'),
  },
  {
    kind: 'bitbucket-server',
    path: '/rest/api/1.0/application-properties',
    is: ({ status, body }) => status === 200 && isObject(body) && body['displayName'] === 'Bitbucket',
  },
  {
    kind: 'gitea',
    path: '/api/v1/version',
    // A closed instance (REQUIRE_SIGNIN_VIEW) names what is missing in words of its own.
    is: ({ status, body }) =>
      isObject(body) &&
      ((status === 200 && typeof body['version'] === 'string') ||
        (status === 403 && typeof body['message'] === 'string')),
  },
]

/**
 * Finds out what software a host of one's own runs, by asking without any credential. Fails with E_FORGE_KIND_UNKNOWN when
 * it is none that Sluice knows, E_FORGE_UNREACHABLE when nothing answers, E_FORGE_ADDRESS_INVALID.
 */
export async function detectForgeKind(host: string, options: DetectOptions): Promise<ApiKind> {
  const { userAgent, ca, proxy, signal } = options
  const { web } = webAddress(host, 'git.example.com', true)
  const transport = new Transport({
    apiBase: web,
    clock: systemClock,
    logger: silentLogger,
    headers: () => ({ 'user-agent': userAgent, accept: 'application/json' }),
    timeoutMs: 10_000,
    maxWaitMs: 0,
    ...(ca !== undefined && { ca }),
    ...(proxy !== undefined && { proxy }),
  })
  try {
    for (const { kind, path, is } of signs) {
      const answer = await ask(transport, path, signal)
      if (answer && is(answer)) return kind
    }
  } finally {
    await transport.close()
  }
  throw new SluiceError('E_FORGE_KIND_UNKNOWN', {
    object: host,
    expected: 'a GitHub Enterprise Server, GitLab, Gitea, Forgejo or Bitbucket Data Center',
    seen: 'answers of none of them',
    next: 'Check the host. If it is right, say with --provider what it runs, or give the address of the repository with --provider git.',
  })
}

/** What a host answers; undefined when it is no answer of an API. */
async function ask(
  transport: Transport,
  path: string,
  signal: AbortSignal | undefined,
): Promise<TransportAnswer | undefined> {
  try {
    return await transport.send({ method: 'GET', path, ...(signal && { signal }) })
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof SluiceError && error.code !== 'E_FORGE_UNREACHABLE') return undefined
    throw error
  }
}
