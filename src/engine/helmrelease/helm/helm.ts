import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Semaphore } from '../../../base/semaphore.ts'
import { type FoundHelm, findHelm, runProgram } from '../../../tools/index.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { SessionOptions } from '../gateway/session.ts'
import type { StoredRelease } from '../storage/release.ts'
import { decodeRelease } from '../storage/release.ts'
import { type PostRender, PostRenderer, pluginName } from './post-renderer.ts'

/** One run of helm. */
export interface HelmRun extends Pick<SessionOptions, 'client' | 'releaseNamespace' | 'storageNamespace'> {
  /** Arguments, the action first; never a secret. */
  readonly args: readonly string[]
  /** Given to helm on standard input, for `--values -`. */
  readonly values?: unknown
  readonly postRender?: PostRender
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Told of each revision that helm stores, while it runs. */
  readonly onStored?: (release: StoredRelease) => void
}

export interface HelmOutcome {
  /** What failed, without helm's preface; undefined after success. */
  readonly error: string | undefined
  readonly stdout: string
  /** The last lines that helm logged. */
  readonly log: readonly string[]
}

/** helm processes at once: each holds some 70 MB, and most of them only wait for their cluster. */
const atOnce = 32

/**
 * Runs helm on its own: no environment, home, caches or plugins but those of this run, in a folder that nobody else can
 * read and that is gone afterwards. Secrets reach it by standard input and by a private kubeconfig, never by arguments.
 */
export class Helm {
  readonly #gateway: Gateway
  readonly #folder: string
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #slots = new Semaphore(atOnce)
  readonly #onSpawn: (action: string) => void
  #found: Promise<FoundHelm> | undefined

  /** @param folder a folder of the engine's own; what is in it is left over from a run that was killed. */
  constructor(
    gateway: Gateway,
    folder: string,
    env: Readonly<Record<string, string | undefined>>,
    onSpawn: (action: string) => void,
  ) {
    this.#gateway = gateway
    this.#folder = folder
    this.#env = env
    this.#onSpawn = onSpawn
  }

  /** Takes away what runs that were killed have left. */
  async clean(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
  }

  /** The helm that is used; looked for again after a failure, so that it can be installed meanwhile. */
  find(): Promise<FoundHelm> {
    this.#found ??= findHelm(this.#env).catch(error => {
      this.#found = undefined
      throw error
    })
    return this.#found
  }

  /** Runs `work` with a private folder that is gone afterwards. */
  async withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const folder = await mkdtemp(join(this.#folder, 'r-'))
    try {
      return await work(folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async run(run: HelmRun): Promise<HelmOutcome> {
    const { path } = await this.find()
    return this.#slots.run(() => this.withFolder(folder => this.#run(path, run, folder)), run.signal)
  }

  async #run(path: string, run: HelmRun, folder: string): Promise<HelmOutcome> {
    const session = await this.#gateway.open({
      client: run.client,
      releaseNamespace: run.releaseNamespace,
      storageNamespace: run.storageNamespace,
      onStored: secret => {
        const release = decodeRelease(secret)
        if (release !== undefined) run.onStored?.(release)
      },
      signal: run.signal,
    })
    let renderer: PostRenderer | undefined
    try {
      const kubeconfig = join(folder, 'kubeconfig')
      await writeFile(kubeconfig, kubeconfigText(session.server.reveal()), { mode: 0o600 })
      const plugins = join(folder, 'plugins')
      renderer = run.postRender && (await PostRenderer.open(plugins, run.postRender))
      this.#onSpawn(run.args[0] ?? '')
      const result = await runProgram(
        path,
        [...run.args, '--namespace', run.releaseNamespace, ...(renderer ? ['--post-renderer', pluginName] : [])],
        {
          env: environment(folder, kubeconfig, plugins),
          cwd: folder,
          timeoutMs: run.timeoutMs,
          signal: run.signal,
          ...(run.values === undefined ? {} : { input: JSON.stringify(run.values) }),
        },
      )
      const { error, log } = readStderr(result.stderr)
      return {
        error:
          result.exitCode === 0
            ? undefined
            : (renderer?.failure ?? (error || `helm ended with exit code ${result.exitCode}`)),
        stdout: result.stdout,
        log,
      }
    } finally {
      session.close()
      await renderer?.close()
    }
  }
}

function environment(folder: string, kubeconfig: string, plugins: string): Record<string, string> {
  return {
    HOME: folder,
    KUBECONFIG: kubeconfig,
    HELM_CACHE_HOME: join(folder, 'cache'),
    HELM_CONFIG_HOME: join(folder, 'config'),
    HELM_DATA_HOME: join(folder, 'data'),
    HELM_PLUGINS: plugins,
    HELM_DRIVER: 'secret',
    // The API server and the engine's own connections are the limit, not helm's.
    HELM_QPS: '1000',
    HELM_BURST_LIMIT: '1000',
  }
}

function kubeconfigText(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: '' } }],
    'current-context': 'x',
  })
}

/** helm's error and the lines that it logged before. */
function readStderr(stderr: string): { error: string; log: string[] } {
  const at = stderr.lastIndexOf('\nError: ') >= 0 ? stderr.lastIndexOf('\nError: ') + 1 : stderr.indexOf('Error: ')
  const error = at < 0 ? stderr.trim() : stderr.slice(at + 'Error: '.length).trim()
  const log = (at < 0 ? '' : stderr.slice(0, at)).split('\n').filter(line => line.trim() !== '')
  return { error: error.replace(/^(?:INSTALLATION|UPGRADE) FAILED: /, ''), log: log.slice(-10) }
}
