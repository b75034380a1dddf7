import { isObject } from '../base/json.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'

/** One line of an engine's log, of ours or of a controller of Flux. */
export interface LogLine {
  /** ISO 8601; '' when the line has none. */
  readonly time: string
  readonly level: string
  /** `Kustomization`; undefined when the line is about no object. */
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  readonly message: string
}

/** Which lines are wanted. */
export interface LogFilter {
  readonly level?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  /** ISO 8601: lines from this moment on. */
  readonly since?: string
}

/** Reads a JSON line as controller-runtime and we write it; undefined when it is none. */
export function readLogLine(text: string): LogLine | undefined {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(found)) return undefined
  const word = (key: string) => (typeof found[key] === 'string' && found[key] !== '' ? found[key] : undefined)
  const kind = word('controllerKind')
  const name = word('name')
  const namespace = word('namespace')
  const error = word('error')
  return {
    time: word('ts') ?? '',
    level: word('level') ?? 'info',
    ...(kind && name ? { kind, name, ...(namespace ? { namespace } : {}) } : {}),
    message: [word('msg') ?? '', error].filter(part => part !== undefined && part !== '').join(': '),
  }
}

export function matchesLog(line: LogLine, { level, kind, namespace, name, since }: LogFilter): boolean {
  return (
    (level === undefined || line.level === level) &&
    (kind === undefined || line.kind?.toLowerCase() === kind.toLowerCase()) &&
    (namespace === undefined || line.namespace === namespace) &&
    (name === undefined || line.name === name) &&
    (since === undefined || line.time === '' || line.time >= since)
  )
}

/** The logs of engines that run in the cluster: Pods that carry Flux's label, or ours, sorted by time. */
export async function podLogs(
  client: KubeClient,
  options: { readonly namespace: string; readonly tail: number; readonly signal: AbortSignal },
): Promise<LogLine[]> {
  const { namespace, tail, signal } = options
  const labelSelector = 'app.kubernetes.io/part-of in (flux,sluice)'
  const kind = { group: '', version: 'v1', kind: 'Pod' }
  const { items } = await client.list(kind, { namespace, labelSelector, signal })
  const texts = await Promise.all(items.map(pod => logOf(client, pod, tail, signal)))
  return texts
    .flatMap(text => text.split('\n'))
    .map(readLogLine)
    .filter(line => line !== undefined)
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
}

async function logOf(client: KubeClient, pod: KubeObject, tail: number, signal: AbortSignal): Promise<string> {
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.metadata.namespace ?? '')}/pods/${encodeURIComponent(pod.metadata.name ?? '')}/log`
  // A Pod that is just starting has no log yet.
  const text = await client.request<unknown>({ path, query: { tailLines: tail }, signal }).catch(() => '')
  signal.throwIfAborted()
  return typeof text === 'string' ? text : JSON.stringify(text)
}
