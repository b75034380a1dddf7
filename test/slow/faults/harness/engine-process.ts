import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** What an engine process is told. */
export type ChildOrder =
  | { readonly do: 'push'; readonly url: string }
  /** Die by SIGKILL at an effect, counted from now on. */
  | { readonly do: 'die'; readonly when: 'before' | 'after'; readonly at: number }
  | { readonly do: 'count'; readonly reset: boolean }

/** Bundles the engine's process, where its packages are found; returns the path of the program. */
export async function bundleEngine(): Promise<string> {
  const outfile = fileURLToPath(new URL('../../../../node_modules/.cache/sluice/fault-engine.mjs', import.meta.url))
  await build({
    entryPoints: [fileURLToPath(new URL('./engine-child.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'warning',
  })
  return outfile
}

/** An engine as a process of its own. */
export class EngineProcess {
  readonly started: Promise<boolean>
  /** Resolves with the signal or code that it ended with. */
  readonly ended: Promise<NodeJS.Signals | number | null>
  /** The end of what it wrote to stderr. */
  said = ''
  readonly #child: ChildProcess

  /**
   * `fileBlocks`: no file that it or its children write may be larger, in KiB. `prelude`: a line of shell before it; with a
   * `mount` in it, the process gets mounts of its own.
   */
  constructor(
    program: string,
    options: {
      kubeconfig: string
      dataDir: string
      leaseSeconds?: number
      fileBlocks?: number
      prelude?: string
      env?: Readonly<Record<string, string>>
    },
  ) {
    const { kubeconfig, dataDir, leaseSeconds = 15, fileBlocks, prelude } = options
    const own = prelude?.includes('mount ') ? ['unshare', '-Urm'] : []
    const limit = fileBlocks === undefined ? '' : `ulimit -f ${fileBlocks}; trap '' XFSZ; `
    const before = prelude === undefined ? '' : `${prelude} && `
    const [command = '', ...rest] = [...own, 'bash', '-c', `${limit}${before}exec "$@"`, 'bash']
    this.#child = spawn(command, [...rest, process.execPath, program, kubeconfig, dataDir, String(leaseSeconds)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...options.env },
    })
    // What it says is kept: a pipe that nobody reads would stop it.
    this.#child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => (this.said = (this.said + text).slice(-20_000)))
    this.ended = new Promise(resolve => this.#child.once('exit', (code, signal) => resolve(signal ?? code)))
    this.started = Promise.race([
      new Promise<boolean>(resolve => this.#child.once('message', () => resolve(true))),
      this.ended.then(() => false),
    ])
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  order(order: ChildOrder): void {
    if (this.#child.connected) this.#child.send(order)
  }

  /** Effects since the last reset, and whether it leads. */
  async count(reset = false): Promise<{ effects: number; leading: boolean }> {
    const answer = new Promise<{ effects: number; leading: boolean }>(resolve => this.#child.once('message', resolve))
    this.order({ do: 'count', reset })
    return answer
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }
}
