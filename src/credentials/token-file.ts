import { SluiceError } from '../base/errors/index.ts'
import type { ForgeKind } from '../forges/types.ts'
import { parseEnvFile } from '../secrets/env-file.ts'
import { Secret } from '../secrets/secret.ts'
import { credentialHost } from './host.ts'
import { hostVariable, tokenVariables, usernameVariable } from './variables.ts'

/** A file of variables, or of a token alone, that was read. */
export interface NamedText {
  /** How to name it: the path, or `standard input`. */
  readonly name: string
  readonly text: string
}

/** What a file gives. */
export interface TokenInFile {
  readonly token: Secret
  /** Which key held it; undefined when the token stood alone. */
  readonly key: string | undefined
  readonly username?: string
  /** The host that the file says it is for. */
  readonly host?: string
  /** Further keys of the list that hold another token. */
  readonly others: readonly string[]
}

/** The token in a file: alone on one line, or under the first of the keys. Fails with E_TOKEN_FILE, never quoting it. */
export function tokenInFile({ name, text }: NamedText, keys: readonly string[]): TokenInFile {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
  const [only] = lines
  const wrong = (seen: string) =>
    new SluiceError('E_TOKEN_FILE', { object: name, expected: `the token alone, or ${keys.join(' or ')}=…`, seen })
  if (only === undefined) throw wrong('an empty file')
  if (lines.length === 1 && !/^(?:export\s+)?[A-Za-z_][A-Za-z0-9_.]*\s*=/.test(only))
    return { token: Secret.of(only), key: undefined, others: [] }
  if (!lines.some(line => line.includes('='))) throw wrong(`${lines.length} lines`)
  const values = parseEnvFile(text, name)
  const held = keys.filter(key => values.get(key)?.trim())
  const [key] = held
  if (key === undefined) throw wrong(`the keys ${[...values.keys()].join(', ')}`)
  const value = values.get(key)!.trim()
  const username = values.get(usernameVariable)
  const host = values.get(hostVariable)
  return {
    token: Secret.of(value),
    key,
    others: held.slice(1).filter(other => values.get(other)?.trim() !== value),
    ...(username ? { username } : {}),
    ...(host ? { host: credentialHost(host) } : {}),
  }
}

/**
 * The token in a file for one host, under the variables of its kind: a file may hold tokens of several hosts. Where the
 * kind is not known, the file must hold one token.
 *
 * @throws E_TOKEN_FILE, E_CREDENTIAL_HOST when the file says that it is for another host
 */
export function tokenForHost(
  file: NamedText,
  { kind, host }: { readonly kind: ForgeKind | undefined; readonly host: string },
): Secret {
  const keys = kind === undefined ? [...new Set(Object.values(tokenVariables).flat())] : tokenVariables[kind]
  const { token, key, others, host: said } = tokenInFile(file, keys)
  if (said !== undefined && said !== host)
    throw new SluiceError('E_CREDENTIAL_HOST', { object: file.name, expected: host, seen: said })
  if (kind === undefined && others.length > 0) {
    throw new SluiceError('E_TOKEN_FILE', {
      object: file.name,
      expected: `one token, for ${host}`,
      seen: [key, ...others].join(' and '),
      next: 'Say with --kind what kind of Git host it is, or give a file with this token alone.',
    })
  }
  return token
}
