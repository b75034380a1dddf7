import { readFile } from 'node:fs/promises'
import type { Clock } from '../../../base/clock.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import { Secret } from '../../../secrets/secret.ts'
import type { ClientCertificate, CredentialSource, Credentials } from '../access.ts'

/** How long a token read from a file is used before the file is read again: client-go's minute. */
const maxAgeMs = 60_000

/** A token in a file that something else renews (a projected service account token, say). */
export class TokenFile implements CredentialSource {
  readonly #path: string
  readonly #clock: Clock
  readonly #certificate: ClientCertificate | undefined
  #cached: { readonly credentials: Credentials; readonly at: number } | undefined

  constructor(path: string, clock: Clock, certificate?: ClientCertificate) {
    this.#path = path
    this.#clock = clock
    this.#certificate = certificate
  }

  current(): Credentials | Promise<Credentials> {
    const cached = this.#cached
    return cached && this.#clock.monotonic() - cached.at < maxAgeMs ? cached.credentials : this.#read()
  }

  refresh(): boolean {
    this.#cached = undefined
    return true
  }

  async #read(): Promise<Credentials> {
    let text: string
    try {
      text = (await readFile(this.#path, 'utf8')).trim()
    } catch (cause) {
      throw new SluiceError('E_FILE_READ', {
        object: this.#path,
        expected: 'the token of the API server',
        seen: (cause as NodeJS.ErrnoException).code ?? 'an error',
        cause,
      })
    }
    if (text === '') throw new SluiceError('E_KUBE_UNAUTHORIZED', { object: this.#path, seen: 'an empty token file' })
    const token = Secret.of(text)
    const credentials = this.#certificate ? { token, clientCertificate: this.#certificate } : { token }
    this.#cached = { credentials, at: this.#clock.monotonic() }
    return credentials
  }
}
