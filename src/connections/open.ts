import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { Logger } from '../base/log.ts'
import { version } from '../base/version.ts'
import { createForge, type Forge } from '../forges/index.ts'
import type { ConnectionCredential, ConnectionDraft } from './types.ts'

export interface OpenOptions {
  readonly clock: Clock
  readonly logger?: Logger
  /** The longest wait that a host may ask for before it counts as a failure, in milliseconds; a minute when absent. */
  readonly maxWaitMs?: number
  readonly onWait?: (wait: { readonly ms: number; readonly reason: string }) => void
}

/** Opens the Git host of a connection; close it when done. @throws E_CONNECTION_INVALID, E_FORGE_ADDRESS_INVALID, E_GIT_URL_INVALID */
export function openConnection(draft: ConnectionDraft, credential: ConnectionCredential, options: OpenOptions): Forge {
  const { kind, host, settings, name } = draft
  const { clock, logger, maxWaitMs = 60_000, onWait } = options
  const reach = {
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
    ...(settings.username === undefined ? {} : { username: settings.username }),
    clock,
    tokenSource: `connection ${name}`,
  }
  if (kind === 'git') {
    if (credential.kind === 'token') return createForge({ kind, url: host, token: credential.token, ...reach })
    const { privateKey, passphrase } = credential
    const knownHosts = settings.knownHosts ?? ''
    return createForge({
      kind,
      url: host,
      ssh: { privateKey, knownHosts, ...(passphrase === undefined ? {} : { passphrase }) },
      ...reach,
    })
  }
  if (credential.kind !== 'token') {
    throw new SluiceError('E_CONNECTION_INVALID', {
      object: `connection ${name}`,
      expected: 'a token: the API of the host takes no SSH key',
    })
  }
  return createForge({
    kind,
    host,
    token: credential.token,
    userAgent: `sluice/${version}`,
    maxWaitMs,
    ...reach,
    ...(logger === undefined ? {} : { logger }),
    ...(onWait === undefined ? {} : { onWait }),
  })
}
