import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = process.env['SLUICE_TEST_MAIN'] ?? fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** `sluice sandbox cluster` as a process of its own, on one port and one folder over any number of restarts. */
export class ClusterProcess {
  /** The folder of the test: database, kubeconfig, and whatever the test writes. */
  readonly dir = mkdtempSync(join(tmpdir(), 'sluice-clients-'))
  readonly kubeconfig = join(this.dir, 'kubeconfig')
  #child: ChildProcess | undefined
  #port = 0
  readonly #extra: readonly string[]

  /** @param extra further arguments of `sluice sandbox cluster`. */
  constructor(...extra: readonly string[]) {
    this.#extra = extra
  }

  /** Starts the server; resolves with its URL when it answers. */
  async start(): Promise<string> {
    const args = [
      'sandbox',
      'cluster',
      '--data',
      join(this.dir, 'data'),
      '--kubeconfig',
      this.kubeconfig,
      ...this.#extra,
    ]
    const child = spawn(process.execPath, [main, ...args, '--port', String(this.#port)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: this.dir, NO_COLOR: '1' },
    })
    this.#child = child
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the server does not start: ${said}`)), 20_000)
      child.stdout.on('data', (chunk: Buffer) => {
        const found = /ready at (https:\/\/\S+)/.exec(chunk.toString('utf8'))?.[1]
        if (found === undefined) return
        clearTimeout(timer)
        resolve(found)
      })
      child.once('exit', code => reject(new Error(`the server ended with ${code}: ${said}`)))
    })
    this.#port = Number(new URL(url).port)
    return url
  }

  /** Ends the server, as `kill` does or as a loss of the process would; resolves when it is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await gone
    clearTimeout(force)
  }

  /** Ends the server and removes the folder. */
  async close(): Promise<void> {
    await this.stop()
    rmSync(this.dir, { recursive: true, force: true })
  }
}
