import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export interface ServerProcessOptions {
  readonly databaseUrl: string
  /** 32 bytes in base64. */
  readonly key: string
  readonly kubeconfig: string
  readonly dataDir: string
  readonly beatEveryMs: number
}

/** A server as a process of its own. */
export class ServerProcess {
  readonly url: string
  /** Its id in the store. */
  readonly id: string
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(child: ChildProcess, ended: Promise<unknown>, told: { url: string; id: string }) {
    this.#child = child
    this.#ended = ended
    this.url = told.url
    this.id = told.id
  }

  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const program = await bundled()
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        TEST_DATABASE: options.databaseUrl,
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
      new Promise<{ url: string; id: string }>(resolve => child.once('message', message => resolve(message as never))),
      ended.then(() => undefined),
    ])
    if (told === undefined) throw new Error(`the server did not start: ${said}`)
    return new ServerProcess(child, ended, told)
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
