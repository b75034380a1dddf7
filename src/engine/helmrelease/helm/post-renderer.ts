import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { messageOf } from '../../failure.ts'

/** Changes what a chart rendered: the YAML stream in, the YAML stream out. */
export type PostRender = (rendered: string) => Promise<string>

/** Name under which helm finds the post-renderer of one run. */
export const pluginName = 'sluice'

/** Rendered text beyond this is refused; a release with it would not fit into a Secret by far. */
const largest = 64 * 1024 * 1024

/** helm 4 takes post-renderers as plugins only: a program that this bridge is, and that passes on to the engine. */
const bridge = `const socket = require('node:net').connect(process.argv[2])
const answer = []
process.stdin.pipe(socket)
socket.on('data', chunk => answer.push(chunk))
socket.on('error', error => { console.error(error.message); process.exit(1) })
socket.on('end', () => {
  const text = Buffer.concat(answer)
  if (text[0] === 43) process.stdout.write(text.subarray(1))
  else { console.error(text.subarray(1).toString() || 'the engine is gone'); process.exitCode = 1 }
})
`

/**
 * Makes a post-renderer of the engine's own for one run of helm, in a folder that only this user can read. helm renders
 * once and stores what the engine gives back, so that what is released is what was rendered, random values included.
 */
export class PostRenderer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Why the engine could not change what was rendered; helm itself only says that it could not. */
  failure: string | undefined

  private constructor(postRender: PostRender) {
    this.#server = createServer({ allowHalfOpen: true }, socket => {
      this.#sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => this.#sockets.delete(socket))
      void serve(socket, postRender, message => {
        this.failure = message
      })
    })
  }

  /** @param plugins folder for `HELM_PLUGINS`; its parent must be private. */
  static async open(plugins: string, postRender: PostRender): Promise<PostRenderer> {
    const renderer = new PostRenderer(postRender)
    const folder = join(plugins, pluginName)
    const [socket, program] = [join(plugins, '..', 'pr.sock'), join(folder, 'bridge.cjs')]
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(program, bridge, { mode: 0o600 })
    const plugin = {
      apiVersion: 'v1',
      type: 'postrenderer/v1',
      name: pluginName,
      version: '1.0.0',
      runtime: 'subprocess',
      runtimeConfig: { platformCommand: [{ command: process.execPath, args: [program, socket] }] },
    }
    await writeFile(join(folder, 'plugin.yaml'), JSON.stringify(plugin), { mode: 0o600 })
    await new Promise<void>((resolve, reject) => {
      renderer.#server.once('error', reject)
      renderer.#server.listen(socket, resolve)
    })
    await chmod(socket, 0o600)
    return renderer
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

async function serve(socket: Socket, postRender: PostRender, failed: (message: string) => void): Promise<void> {
  try {
    const chunks: Buffer[] = []
    let bytes = 0
    // A finished iteration must not end the socket: the answer goes the other way.
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length
      if (bytes > largest) throw new Error(`the chart renders more than ${largest} bytes`)
      chunks.push(chunk as Buffer)
    }
    socket.end(`+${await postRender(Buffer.concat(chunks).toString('utf8'))}`)
  } catch (error) {
    failed(messageOf(error))
    socket.end(`-${messageOf(error)}`)
  }
}
