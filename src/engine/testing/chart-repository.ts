import { createHash } from 'node:crypto'
import { memoryTree } from '../../base/file-tree.ts'
import { packTree } from '../source/archive/pack.ts'
import { type Answer, FaultyServer, type SeenRequest } from './faulty-server.ts'

/** Files of a small chart, by their path within it. */
export function chartFiles(
  name: string,
  version: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: ${version}\n`,
    'values.yaml': 'replicas: 1\nimage:\n  name: app\n  tag: one\n',
    'templates/configmap.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  tag: {{ .Values.image.tag | quote }}\n',
    ...more,
  }
}

/** A packed chart. */
export function packChart(name: string, version: string, more: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const files = Object.entries(chartFiles(name, version, more)).map(([path, text]) => [`${name}/${path}`, text])
  return packTree(memoryTree(Object.fromEntries(files)))
}

/** A chart repository over HTTP in memory, with an index and a login. */
export class ChartRepositoryStandIn {
  readonly server: FaultyServer
  readonly #files = new Map<string, Buffer>()
  readonly #entries: { name: string; version: string; urls: string[]; digest: string; created: string }[] = []
  /** `name:password` that everything needs. */
  login: string | undefined

  private constructor(server: FaultyServer) {
    this.server = server
  }

  static async start(): Promise<ChartRepositoryStandIn> {
    let standIn: ChartRepositoryStandIn | undefined
    const server = await FaultyServer.start(request => standIn!.#answer(request))
    standIn = new ChartRepositoryStandIn(server)
    return standIn
  }

  close(): Promise<void> {
    return this.server.close()
  }

  /** Takes a packed chart in; `url` is what the index says of its place, `about` what else it says. */
  add(
    name: string,
    version: string,
    bytes: Buffer,
    url = `charts/${name}-${version}.tgz`,
    about: Readonly<Record<string, unknown>> = {},
  ): void {
    this.#files.set(`/charts/${name}-${version}.tgz`, bytes)
    const digest = createHash('sha256').update(bytes).digest('hex')
    this.#entries.push({ ...about, name, version, urls: [url], digest, created: '2026-01-01T00:00:00Z' })
  }

  /** The index, as it is served. */
  index(): string {
    const entries: Record<string, unknown[]> = {}
    for (const entry of this.#entries) {
      entries[entry.name] ??= []
      entries[entry.name]!.push({ apiVersion: 'v2', ...entry })
    }
    return JSON.stringify({ apiVersion: 'v1', entries, generated: '2026-01-01T00:00:00Z' }, undefined, 1)
  }

  #answer(request: SeenRequest): Answer {
    const wanted = this.login && `Basic ${Buffer.from(this.login).toString('base64')}`
    if (wanted !== undefined && request.authorization !== wanted) return { status: 401 }
    const path = request.path.split('?')[0]!
    if (path === '/index.yaml') return { status: 200, body: this.index() }
    const file = this.#files.get(path)
    return file === undefined ? { status: 404 } : { status: 200, body: file }
  }
}
