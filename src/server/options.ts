import type { OidcOptions } from '../access/oidc.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { EffectSeam } from '../bootstrap/types.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { Secret } from '../secrets/secret.ts'
import type { RateLimit } from './http/rate-limit.ts'
import type { AnyRoute } from './http/route.ts'

export interface ServerOptions {
  /** Folder of the server: its database, unless `databaseUrl` says another place, and its key. Held by one server. */
  readonly dataDir: string
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** PostgreSQL; several servers may share it. They need the same key. */
  readonly databaseUrl?: Secret
  /** File of the master key; `keys/server.key` in the folder when absent. Made when it is not there. */
  readonly keyFile?: string
  /** Master keys instead of the key file: the current one first, then the one before while values are sealed anew. */
  readonly keys?: readonly { readonly name: string; readonly key: Secret }[]
  /** Certificate and key in PEM. */
  readonly tls?: { readonly cert: string; readonly key: Secret }
  /** The address that browsers use, where it is another one than that which is listened on. */
  readonly publicUrl?: string
  /** Addresses and networks of proxies in front. */
  readonly trustedProxies?: readonly string[]
  readonly oidc?: OidcOptions
  /** The management cluster. Not closed by the server. */
  readonly client?: KubeClient
  /** Folder of the built console. */
  readonly webDir?: string
  readonly rateLimit?: RateLimit
  /** How often it is looked which connections are to be proven again, in milliseconds; 20 s when absent. */
  readonly proveEveryMs?: number
  readonly clock: Clock
  readonly logger?: Logger
  /** Wraps each effect of a bootstrap; tests end the process there. */
  readonly effect?: EffectSeam
  /** Routes beside the declared ones: for tests. */
  readonly extraRoutes?: readonly AnyRoute[]
}
