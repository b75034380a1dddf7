import { createHash, createPrivateKey, sign } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../base/clock.ts'
import { isObject } from '../../../base/json.ts'
import { Secret } from '../../../secrets/secret.ts'
import type { HttpAccess, SecretTexts } from '../http/access.ts'
import { HttpClient, serverTime } from '../http/client.ts'
import { HttpFailure } from '../http/failure.ts'

const defaultBase = 'https://api.github.com'
/** A token is renewed when less than this is left of it (it lasts an hour). */
const renewMs = 5 * 60_000

/** A proof that GitHub refused is made anew by GitHub's clock when that differs from ours by more than this. */
const skewMs = 30_000

interface Token {
  readonly token: Secret
  readonly expires: number
}

const tokens = new LRUCache<string, Token>({ max: 500 })

/** A problem with the Secret of a GitHub App, or with what GitHub answers. */
export class GitHubAppError extends Error {}

/**
 * An installation token of a GitHub App, kept until shortly before it ends. Takes Flux's keys: `githubAppID`,
 * `githubAppInstallationID` or `githubAppInstallationOwner`, `githubAppPrivateKey`, `githubAppBaseURL`.
 *
 * @throws GitHubAppError, HttpFailure
 */
export async function installationToken(
  texts: SecretTexts,
  access: HttpAccess,
  clock: Clock,
  signal: AbortSignal,
): Promise<Secret> {
  const app = appOf(texts)
  const now = clock.now().getTime()
  const known = tokens.get(app.key)
  if (known !== undefined && known.expires - now > renewMs) return known.token
  const http = new HttpClient(access)
  try {
    // How far GitHub's clock is ahead of ours: proofs and ends of tokens are judged by GitHub's.
    let ahead = 0
    const ask = (method: 'GET' | 'POST', path: string) =>
      http.send(new URL(`${app.base}${path}`), {
        method,
        headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
        credentials: { authorization: appToken(app.id, app.privateKey, now + ahead) },
        maxBytes: 1024 * 1024,
        maxRedirects: 0,
        signal,
      })
    const send = async (method: 'GET' | 'POST', path: string): Promise<Record<string, unknown>> => {
      const answer = await ask(method, path).catch((error: unknown) => {
        const theirs = error instanceof HttpFailure && error.status === 401 ? error.serverTime : undefined
        if (theirs === undefined || Math.abs(theirs - now - ahead) < skewMs) throw error
        ahead = theirs - now
        return ask(method, path)
      })
      ahead = (serverTime(answer) ?? now + ahead) - now
      const body: unknown = JSON.parse(answer.body.toString('utf8'))
      if (!isObject(body)) throw new GitHubAppError(`${app.base}${path} answers with something that is no object`)
      return body
    }
    const installation = app.installation ?? (await findInstallation(send, app.owner))
    const made = await send('POST', `/app/installations/${installation}/access_tokens`)
    if (typeof made['token'] !== 'string' || made['token'] === '') {
      throw new GitHubAppError(`${app.base} gave no token for installation ${installation}`)
    }
    const token = Secret.of(made['token'])
    const expires = Date.parse(String(made['expires_at']))
    tokens.set(app.key, { token, expires: Number.isNaN(expires) ? now : expires - ahead })
    return token
  } finally {
    await http.close()
  }
}

interface App {
  readonly id: string
  readonly installation: string | undefined
  readonly owner: string
  readonly privateKey: Secret
  readonly base: string
  /** Equal for equal credentials: a rotated key gets a new token. */
  readonly key: string
}

function appOf(texts: SecretTexts): App {
  const id = texts['githubAppID']?.trim() ?? ''
  const installation = texts['githubAppInstallationID']?.trim()
  const owner = texts['githubAppInstallationOwner']?.trim() ?? ''
  const pem = texts['githubAppPrivateKey'] ?? ''
  const base = (texts['githubAppBaseURL']?.trim() || defaultBase).replace(/\/+$/, '')
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) throw new GitHubAppError("the key 'githubAppID' is missing or no id")
  if (pem.trim() === '') throw new GitHubAppError("the key 'githubAppPrivateKey' is missing")
  if (!installation && owner === '') {
    throw new GitHubAppError("one of the keys 'githubAppInstallationID' and 'githubAppInstallationOwner' is required")
  }
  if (installation && owner !== '') {
    throw new GitHubAppError(
      "only one of the keys 'githubAppInstallationID' and 'githubAppInstallationOwner' is allowed",
    )
  }
  if (installation && !/^\d{1,20}$/.test(installation))
    throw new GitHubAppError("'githubAppInstallationID' is no number")
  if (owner !== '' && !/^[A-Za-z0-9-]{1,100}$/.test(owner))
    throw new GitHubAppError("'githubAppInstallationOwner' is no name")
  const url = URL.canParse(base) ? new URL(base) : undefined
  const loopback = url !== undefined && /^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname)
  if (url === undefined || (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback))) {
    throw new GitHubAppError("'githubAppBaseURL' is no https address")
  }
  return {
    id,
    installation: installation || undefined,
    owner,
    privateKey: Secret.of(pem),
    base,
    key: JSON.stringify([base, id, installation, owner, fingerprint(pem)]),
  }
}

/** Equal only for equal texts: who has but the public part of a key must not find another's token. */
function fingerprint(pem: string): string {
  try {
    if (createPrivateKey(pem).asymmetricKeyType === 'rsa') return createHash('sha256').update(pem).digest('hex')
  } catch {
    // Said below with a better word.
  }
  throw new GitHubAppError("'githubAppPrivateKey' is no RSA private key in PEM form")
}

/** The JSON Web Token that an App shows: RS256, a minute back for clocks that differ, nine minutes long. */
function appToken(id: string, privateKey: Secret, nowMs: number): Secret {
  const now = Math.floor(nowMs / 1000)
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ iat: now - 60, exp: now + 540, iss: id })}`
  const signature = sign('sha256', Buffer.from(head), privateKey.reveal()).toString('base64url')
  return Secret.of(`Bearer ${Secret.of(`${head}.${signature}`).reveal()}`)
}

async function findInstallation(
  send: (method: 'GET', path: string) => Promise<Record<string, unknown>>,
  owner: string,
): Promise<string> {
  for (const path of [`/orgs/${owner}/installation`, `/users/${owner}/installation`]) {
    const found = await send('GET', path).catch(error => {
      if ((error as { status?: number }).status === 404) return undefined
      throw error
    })
    if (typeof found?.['id'] === 'number') return String(found['id'])
  }
  throw new GitHubAppError(`the App is not installed for '${owner}'`)
}
