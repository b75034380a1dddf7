import { inspect } from 'node:util'

const shown = '***'

/**
 * A credential. It prints as `***` in every way that a value can be printed; only `reveal()` gives the text,
 * at the place where it is handed to a system (a header, a file of mode 0600, the environment of a child).
 *
 * @example
 * const token = Secret.of(process.env.GITHUB_TOKEN ?? '')
 * `${token}` // '***'
 * headers.authorization = `Bearer ${token.reveal()}`
 */
export class Secret {
  readonly #text: string

  private constructor(text: string) {
    this.#text = text
    remember(text)
  }

  static of(text: string): Secret {
    return new Secret(text)
  }

  /** The text itself. */
  reveal(): string {
    return this.#text
  }

  get isEmpty(): boolean {
    return this.#text === ''
  }

  toString(): string {
    return shown
  }

  toJSON(): string {
    return shown
  }

  [inspect.custom](): string {
    return shown
  }

  [Symbol.toPrimitive](): string {
    return shown
  }
}

/** Texts of secrets alive in this process, in every encoding that other programs echo them in. */
const known = new Set<string>()

function remember(text: string): void {
  // Shorter texts would blank out ordinary words.
  if (text.length < 8) return
  known.add(text)
  known.add(encodeURIComponent(text))
  known.add(Buffer.from(text).toString('base64'))
  known.add(Buffer.from(text).toString('hex'))
}

const userinfo = /\b([a-z][a-z0-9+.-]*:\/\/)[^/\s@'"]+@/gi
const authorization =
  /\b(authorization|private-token|proxy-authorization)(["']?\s*[:=]\s*["']?)((?:basic|bearer|token)\s+)?[^\s"',;]+/gi
const tokenShapes =
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|gl(?:pat|dt|cbt|rt|ptt|agent|oas|ft|imt|soat|wt)-[A-Za-z0-9_-]{16,})/g
const queryKeys =
  /([?&](?:access_token|token|private_token|sig|signature|x-amz-signature|x-amz-security-token)=)[^&\s"']+/gi

/**
 * Text from outside (a server's answer, a child's output, a URL) with every secret taken out:
 * the secrets of this process in plain, URL-encoded, base64 and hexadecimal form, userinfo in URLs, authorization headers and
 * anything shaped like a Git host's token.
 */
export function redact(text: string): string {
  let out = text
  for (const secret of known) if (out.includes(secret)) out = out.replaceAll(secret, shown)
  return out
    .replace(userinfo, `$1${shown}@`)
    .replace(authorization, `$1$2$3${shown}`)
    .replace(tokenShapes, shown)
    .replace(queryKeys, `$1${shown}`)
}
