import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { AdmissionPlugin } from './kinds/types.ts'
import type { HistoryLimits } from './store/history.ts'

/** How a sandbox cluster is set up. */
export interface ClusterOptions {
  /** Folder for the database, certificates and admin token; made with mode 0700. Absent: everything stays in memory. */
  readonly dataDir?: string
  /** TCP port; 0 or absent: a free one. */
  readonly port?: number
  /** Address to listen on; 127.0.0.1 when absent. Anything but loopback is reachable by others. */
  readonly host?: string
  /** Where a kubeconfig for the administrator is written (mode 0600). Absent: nowhere. */
  readonly kubeconfigPath?: string
  /** Checks of writes by parts of this process, as admission webhooks would do them. */
  readonly admission?: readonly AdmissionPlugin[]
  /** Whether the control plane's own controllers run: namespaces, garbage collection, service accounts. Default: true. */
  readonly controllers?: boolean
  /** `process` (default): acknowledged writes survive the end of the process; `power`: loss of power as well. */
  readonly durability?: 'process' | 'power'
  /** How much of the past watches can start from. */
  readonly history?: HistoryLimits
  readonly clock?: Clock
  readonly logger?: Logger
  /** Closes the cluster when aborted. */
  readonly signal?: AbortSignal
}
