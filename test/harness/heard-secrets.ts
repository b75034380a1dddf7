import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'

/** What the servers of this process are sent, by port: addresses and headers, Basic credentials opened. */
export function hearRequests(): { readonly at: (url: string) => string; readonly end: () => void } {
  const heard = new Map<number, string[]>()
  const note = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage }
    const port = request.socket.localPort ?? 0
    const basic = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    const opened = basic === undefined ? '' : Buffer.from(basic, 'base64').toString('utf8')
    const said = [request.url ?? '', ...request.rawHeaders, opened].join('\n')
    heard.set(port, [...(heard.get(port) ?? []), said])
  }
  subscribe('http.server.request.start', note)
  return {
    at: url => (heard.get(Number(new URL(url).port)) ?? []).join('\n'),
    end: () => unsubscribe('http.server.request.start', note),
  }
}
