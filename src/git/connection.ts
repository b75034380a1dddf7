import { rm } from 'node:fs/promises'
import { Secret } from '../secrets/secret.ts'
import type { EnvironmentParts } from './environment.ts'
import { checkRepositoryUrl, type RepositoryUrl } from './repository-url.ts'
import { makeScratch, writeCertificates, writeClientCertificate } from './scratch.ts'
import { sshEnvironment } from './ssh.ts'
import type { GitAuth, GitRemote } from './types.ts'

/** What a git process needs to talk to one remote. */
export interface Connection extends EnvironmentParts {
  readonly url: RepositoryUrl
}

/**
 * Runs `work` with the environment that reaches a remote. Keys and certificates live in a folder of mode 0700 that is
 * gone when `work` has ended; a token is never in a file.
 */
export async function withConnection<T>(remote: GitRemote, work: (connection: Connection) => Promise<T>): Promise<T> {
  const url = checkRepositoryUrl(remote.url, { allowPlainHttp: remote.allowPlainHttp === true })
  const config: (readonly [string, string])[] = [[`protocol.${url.scheme}.allow`, 'always']]
  const needsFiles = remote.ca !== undefined || remote.client !== undefined || url.scheme === 'ssh'
  const scratch = needsFiles ? await makeScratch() : undefined
  try {
    let env: Record<string, string> = {}
    if (url.scheme === 'ssh') {
      env = await sshEnvironment(remote.auth, url, scratch!)
    } else {
      const { proxy = '', client } = remote
      config.push(['http.proxy', proxy instanceof Secret ? proxy.reveal() : proxy])
      if (client !== undefined) {
        const [certificate, key] = await writeClientCertificate(scratch!, client.certificate, client.key)
        config.push(['http.sslCert', certificate], ['http.sslKey', key])
      }
      if (remote.ca !== undefined) config.push(['http.sslCAInfo', await writeCertificates(scratch!, remote.ca)])
      const header = authorization(remote.auth)
      if (header) config.push([`http.${url.origin}/.extraHeader`, `Authorization: ${header.reveal()}`])
    }
    return await work({ url, config, env })
  } finally {
    if (scratch) await rm(scratch, { recursive: true, force: true })
  }
}

const headers = new WeakMap<GitAuth, Secret>()

/** The value of the Authorization header; a Secret of its own, so that redaction knows its encoded form. */
function authorization(auth: GitAuth | undefined): Secret | undefined {
  if (auth === undefined || auth.kind === 'ssh') return undefined
  let header = headers.get(auth)
  if (!header) {
    if (auth.kind === 'basic') {
      const encoded = Secret.of(Buffer.from(`${auth.username}:${auth.password.reveal()}`).toString('base64'))
      header = Secret.of(`Basic ${encoded.reveal()}`)
    } else {
      header = Secret.of(`Bearer ${auth.token.reveal()}`)
    }
    headers.set(auth, header)
  }
  return header
}
