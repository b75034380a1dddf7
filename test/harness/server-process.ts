import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'

export interface ServerProcessOptions {
  /** A file in the data folder when absent. */
  readonly databaseUrl?: string
  /** 32 bytes in base64. */
  readonly key: string
  readonly kubeconfig: string
  readonly dataDir: string
  readonly beatEveryMs: number
}

interface Told {
  readonly url: string
  readonly id: string
  readonly setupUrl?: string
}

/** A server as a process of its own. */
export class ServerProcess {
  readonly url: string
  /** Its id in the store. */
  readonly id: string
  /** The secret of the link that sets the administrator, when there is none. */
  readonly setup: string | undefined
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(child: ChildProcess, ended: Promise<unknown>, told: Told) {
    this.#child = child
    this.#ended = ended
    this.url = told.url
    this.id = told.id
    this.setup = told.setupUrl?.split('#')[1]
  }

  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const program = await bundled()
    // A write that the limit refuses fails, for the server and the git that it runs; it would end them otherwise.
    const child = spawn('sh', ['-c', `trap '' XFSZ; exec "$@"`, 'sh', process.execPath, program], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        TEST_DATABASE: options.databaseUrl ?? '',
        TEST_KEY: options.key,
        TEST_KUBECONFIG: options.kubeconfig,
        TEST_DATA: options.dataDir,
        TEST_BEAT: String(options.beatEveryMs),
      },
    })
    let said = ''
    child.stderr!.on('data', bytes => {
      said = `${said}${bytes}`.slice(-4000)
    })
    const ended = new Promise(resolve => child.once('close', resolve))
    const told = await Promise.race([
      new Promise<Told>(resolve => child.once('message', message => resolve(message as never))),
      ended.then(() => undefined),
    ])
    if (told === undefined) throw new Error(`the server did not start: ${said}`)
    return new ServerProcess(child, ended, told)
  }

  /** No file of it may grow above so many bytes, as on a disk that is full; undefined: as large as they like. */
  async limitFiles(bytes: number | undefined): Promise<void> {
    const soft = bytes === undefined ? 'unlimited' : String(bytes)
    await promisify(execFile)('prlimit', ['--pid', String(this.#child.pid), `--fsize=${soft}:`])
  }

  /** Ends it as a machine does that loses its power. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}

/** Bundles the program where its packages are found. */
async function bundled(): Promise<string> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const outfile = join(root, 'node_modules', '.cache', 'sluice', `server-child-${process.pid}.mjs`)
  await build({
    entryPoints: [fileURLToPath(new URL('./server-child.ts', import.meta.url))],
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
