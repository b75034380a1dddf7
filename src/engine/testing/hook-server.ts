import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A call as a hook got it. */
export interface HookCall {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What a hook answers. */
export interface HookAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** JSON. */
  readonly body?: unknown
  /** The answer waits for it. */
  readonly after?: Promise<unknown>
}

/** A web server on loopback that takes what is posted to it. */
export interface HookServer {
  readonly url: string
  readonly calls: HookCall[]
  /** Decides the answer to each call; 200 when absent. */
  answer: ((call: HookCall) => HookAnswer) | undefined
  /** Resolves as soon as the predicate holds for what came in. */
  until(predicate: (calls: readonly HookCall[]) => unknown, ms?: number): Promise<void>
  close(): Promise<void>
}

export async function startHookServer(): Promise<HookServer> {
  const calls: HookCall[] = []
  const hook = { calls, answer: undefined as HookServer['answer'] }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const call = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }
    calls.push(call)
    const { status = 200, headers = {}, body, after } = hook.answer?.(call) ?? {}
    await after
    response.writeHead(status, headers).end(body === undefined ? '' : JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(hook, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    until: async (predicate: (calls: readonly HookCall[]) => unknown, ms = 10_000) => {
      const deadline = performance.now() + ms
      while (!predicate(calls)) {
        if (performance.now() > deadline) throw new Error(`the hook did not get it: ${JSON.stringify(calls, null, 1)}`)
        await new Promise(resolve => setTimeout(resolve, 10))
      }
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  })
}
