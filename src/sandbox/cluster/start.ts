import { setFlagsFromString } from 'node:v8'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { silentLogger } from '../../base/log.ts'
import type { Secret } from '../../secrets/secret.ts'
import { clusterIdentity } from './access/identity.ts'
import { kubeconfigText } from './access/kubeconfig.ts'
import { writePrivateFile } from './access/private-file.ts'
import { Authenticator } from './auth/authenticator.ts'
import { ServiceAccountTokens } from './auth/service-account-tokens.ts'
import type { ClusterState } from './cluster-state.ts'
import { GarbageCollector } from './controllers/garbage-collector.ts'
import { NamespaceController } from './controllers/namespace-controller.ts'
import { RoleAggregation } from './controllers/role-aggregation.ts'
import { CrdController } from './crds/crd-controller.ts'
import { ensureFirstObjects } from './first-objects.ts'
import { ApiServer } from './http/server.ts'
import { builtinKinds } from './kinds/builtin.ts'
import { KindRegistry } from './kinds/registry.ts'
import type { ClusterOptions } from './options.ts'
import { memoryJournal } from './store/journal.ts'
import { sqliteJournal } from './store/sqlite-journal.ts'
import { Store } from './store/store.ts'

/** A running sandbox cluster. */
export interface SandboxCluster {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string
  readonly port: number
  /** Certificate of the authority that signed the server's. */
  readonly caPem: string
  /** Bearer token of a user in `system:masters`. */
  readonly adminToken: Secret
  /** A kubeconfig (YAML) with CA and token. */
  kubeconfig(): string
  /** Ends watches, lets running requests finish, commits and closes the store. Calling it again does nothing. */
  close(): Promise<void>
}

/**
 * Starts a Kubernetes API server in this process.
 *
 * @example
 * const cluster = await startCluster({ dataDir: '.sluice/cluster', kubeconfigPath: '.sluice/kubeconfig' })
 * // KUBECONFIG=.sluice/kubeconfig kubectl get namespaces
 * await cluster.close()
 */
export async function startCluster(options: ClusterOptions = {}): Promise<SandboxCluster> {
  const { dataDir, signal } = options
  const host = options.host ?? '127.0.0.1'
  const clock = options.clock ?? systemClock
  const logger = options.logger ?? silentLogger
  signal?.throwIfAborted()
  // The patterns in definitions of custom resources come from users. Kubernetes runs them in linear time (RE2); V8 does
  // once it has gone back too often, instead of for ever.
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
  const journal =
    dataDir === undefined
      ? memoryJournal()
      : sqliteJournal({ dir: dataDir, durability: options.durability ?? 'process' })
  const store = new Store({ journal, logger, history: options.history })
  try {
    const identity = clusterIdentity(dataDir, host, clock.now())
    const kinds = new KindRegistry()
    for (const definition of builtinKinds()) kinds.set(definition)
    const tokens = new ServiceAccountTokens(store, identity.tokenKey)
    const cluster: ClusterState = {
      store,
      kinds,
      admission: options.admission ?? [],
      clock,
      logger,
      controllers: options.controllers ?? true,
      tokens,
      authenticator: new Authenticator(identity.adminToken, tokens, clock),
    }
    await ensureFirstObjects(cluster)
    const crds = new CrdController(cluster)
    crds.start()
    const controllers = cluster.controllers
      ? [new NamespaceController(cluster, identity.caPem), new GarbageCollector(cluster), new RoleAggregation(cluster)]
      : []
    for (const controller of controllers) controller.start()
    const server = new ApiServer({
      cluster,
      keyPem: identity.keyPem,
      certPem: identity.certPem,
    })
    const port = await server.listen(host, options.port ?? 0)
    const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
    const kubeconfig = () => kubeconfigText(url, identity.caPem, identity.adminToken)
    let closed: Promise<void> | undefined
    const close = () => {
      closed ??= server.close().finally(() => {
        for (const controller of [crds, ...controllers]) controller.stop()
        store.close()
      })
      return closed
    }
    signal?.addEventListener('abort', () => void close(), { once: true })
    if (options.kubeconfigPath !== undefined) writeKubeconfig(options.kubeconfigPath, kubeconfig())
    return { url, port, caPem: identity.caPem, adminToken: identity.adminToken, kubeconfig, close }
  } catch (error) {
    store.close()
    throw error
  }
}

function writeKubeconfig(path: string, text: string): void {
  try {
    writePrivateFile(path, text)
  } catch (cause) {
    throw new SluiceError('E_CLUSTER_KUBECONFIG', { object: path, seen: String(cause), cause })
  }
}
