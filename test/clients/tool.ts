import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a run of a client came to. */
export interface Output {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  /** The exit codes that are no surprise; 0 when absent. */
  readonly codes?: readonly number[]
}

/** A client that keeps running until `stop`. */
export interface Running {
  /** Everything it has printed so far. */
  stdout(): string
  /** Resolves when its output matches; rejects when it has not after 20 seconds. */
  until(pattern: RegExp): Promise<void>
  stop(): Promise<void>
}

/** One client program with a kubeconfig, a home folder and a default namespace. */
export class Tool {
  readonly #path: string
  readonly #dir: string
  readonly #kubeconfig: string
  readonly #namespace: string

  /** @param dir folder for manifests and the program's own caches. */
  constructor(path: string, dir: string, kubeconfig: string, namespace: string) {
    this.#path = path
    this.#dir = dir
    this.#kubeconfig = kubeconfig
    this.#namespace = namespace
    mkdirSync(dir, { recursive: true })
  }

  /** Writes a file into the tool's folder; its path comes back. */
  file(name: string, text: string): string {
    const path = join(this.#dir, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  /** Runs the program; throws when it exits with a code that is not expected. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Output> {
    const child = this.#spawn(args, options.env)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
    child.stdin.end(options.stdin ?? '')
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    clearTimeout(timer)
    if (!(options.codes ?? [0]).includes(code ?? -1)) {
      throw new Error(`${args.join(' ')}: exit code ${code}\n${stdout}\n${stderr}`)
    }
    return { code, stdout, stderr }
  }

  /** Runs the program and gives what it printed. */
  async ok(...args: readonly string[]): Promise<string> {
    return (await this.run(args)).stdout
  }

  /** Runs the program, which must fail; gives what it says on standard error. */
  async fails(...args: readonly string[]): Promise<string> {
    return (await this.run(args, { codes: [1, 2] })).stderr
  }

  /** Starts the program and leaves it running. */
  start(...args: readonly string[]): Running {
    const child = this.#spawn(args)
    let stdout = ''
    let stderr = ''
    const gone = new Promise(resolve => child.once('close', resolve))
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
    return {
      stdout: () => stdout,
      until: async pattern => {
        const end = Date.now() + 20_000
        while (!pattern.test(stdout)) {
          if (Date.now() > end) throw new Error(`${args.join(' ')} never printed ${pattern}\n${stdout}\n${stderr}`)
          await new Promise(resolve => setTimeout(resolve, 25))
        }
      },
      stop: async () => {
        child.kill('SIGTERM')
        await gone
      },
    }
  }

  #spawn(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return spawn(this.#path, ['--namespace', this.#namespace, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: this.#dir,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.#dir, KUBECONFIG: this.#kubeconfig, ...env },
    })
  }
}
