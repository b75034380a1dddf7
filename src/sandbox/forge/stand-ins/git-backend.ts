import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { devNull } from 'node:os'

/** One request for git's smart protocol. */
export interface BackendRequest {
  /** Folder of the bare repositories. */
  readonly root: string
  /** Folder of the repository in it, such as `fleet.git`. */
  readonly repository: string
  /** `info/refs`, `git-upload-pack` or `git-receive-pack`. */
  readonly action: string
  readonly query: string
  /** Who asks; receive-pack is served to somebody only. */
  readonly user: string
}

/** Serves one request with git's own CGI program, git-http-backend(1). */
export function serveBackend(asked: BackendRequest, request: IncomingMessage, response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'] ?? '/usr/bin:/bin',
        HOME: '/nonexistent',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: devNull,
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        GIT_PROJECT_ROOT: asked.root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: `/${asked.repository}/${asked.action}`,
        QUERY_STRING: asked.query,
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_USER: asked.user,
        REMOTE_ADDR: '127.0.0.1',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
    const chunks: Buffer[] = []
    child.stdin.on('error', () => {})
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', () => response.destroy())
    child.once('close', () => {
      clearTimeout(timer)
      answerCgi(Buffer.concat(chunks), response)
      resolve()
    })
    request.pipe(child.stdin)
  })
}

/** A CGI answer: header lines, an empty line, the body; the status is a header of its own. */
function answerCgi(bytes: Buffer, response: ServerResponse): void {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) {
    response.writeHead(500).end()
    return
  }
  const headers: Record<string, string> = {}
  for (const line of bytes.toString('latin1', 0, end).split('\r\n')) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  const status = Number.parseInt(headers['status'] ?? '200', 10)
  delete headers['status']
  response.writeHead(status, headers).end(bytes.subarray(end + 4))
}
