import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a measured process is asked to do. */
export type ChildRequest =
  /** Bare client: apply all applications and wait until they are healthy. */
  | { readonly do: 'apply'; readonly count: number; readonly cpu: string; readonly namespace: string }
  /** Engine: a webhook. Not answered. */
  | { readonly do: 'push'; readonly push: { url: string; ref: string; commit: string } }
  /** Engine: let 11 minutes pass and wait for so many reconciles. */
  | { readonly do: 'pass'; readonly count: number }
  /** Engine: wait until no call is made for so long (300 ms); `about` names objects whose calls are counted apart. */
  | { readonly do: 'quiet'; readonly forMs?: number; readonly about?: readonly string[] }
  | { readonly do: 'usage' }
  | { readonly do: 'stop' }

/** What a process has used. */
export interface Usage {
  /** Processor time since its start, in milliseconds. */
  readonly cpuMs: number
  /** The most memory that it ever had resident, in MiB. */
  readonly peakMiB: number
  /** Calls to the API server since it was asked last, by verb; watches and leader election left out. */
  readonly calls: Readonly<Record<string, number>>
  /** Those of them that are about the objects that were asked for. */
  readonly about: Readonly<Record<string, number>>
}

/** The engine or the bare client, each a process of its own, so that their processor time and memory are theirs. */
export class MeasuredClient {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(what: 'engine' | 'bare', kubeconfig: string): Promise<MeasuredClient> {
    const path = fileURLToPath(new URL('./child.js', import.meta.url))
    // BENCH_PROFILE=engine|bare|server writes a CPU profile of that process to the working directory.
    const execArgv = process.env['BENCH_PROFILE'] === what ? ['--cpu-prof'] : []
    const child = fork(path, [what, kubeconfig], { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const client = new MeasuredClient(child)
    await client.#next()
    return client
  }

  /** Asks for work and resolves with what was used when it is done. */
  async ask(request: Exclude<ChildRequest, { do: 'push' }>): Promise<Usage> {
    const done = this.#next()
    this.#child.send(request)
    return (await done) as Usage
  }

  push(push: { url: string; ref: string; commit: string }): void {
    this.#child.send({ do: 'push', push })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    await this.ask({ do: 'stop' }).catch(() => undefined)
    const gone = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.disconnect()
    await gone
  }

  #next(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = (code: number | null) => reject(new Error(`the measured process ended with ${code}`))
      this.#child.once('exit', end)
      this.#child.once('message', message => {
        this.#child.off('exit', end)
        resolve(message)
      })
    })
  }
}
