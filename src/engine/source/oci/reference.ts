import { isLoopback } from '../../../git/index.ts'

/** A repository of a registry. */
export interface OciRepositoryRef {
  /** Host with its port. */
  readonly host: string
  /** Path without a leading slash: `org/name`. */
  readonly path: string
}

const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const path = new RegExp(`^${part}(?:/${part})*$`)
const host = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/

/** Takes `oci://host/path` apart; a text is the problem with it. */
export function parseOciUrl(url: string): OciRepositoryRef | string {
  if (!url.startsWith('oci://')) return "URL must be in format 'oci://<domain>/<org>/<repo>'"
  const rest = url.slice(6).replace(/\/+$/, '')
  const cut = rest.indexOf('/')
  const [where, what] = [rest.slice(0, Math.max(0, cut)), rest.slice(cut + 1)]
  if (cut <= 0 || !host.test(where)) return "URL must be in format 'oci://<domain>/<org>/<repo>'"
  const tag = what.indexOf(':')
  if (tag >= 0) return `URL must not contain a tag; remove '${what.slice(tag)}'`
  if (what.length > 255 || !path.test(what)) {
    return `could not parse reference: ${rest}: repository can only contain the characters \`abcdefghijklmnopqrstuvwxyz0123456789_-./\``
  }
  return {
    host: where === 'docker.io' ? 'index.docker.io' : where,
    path: where === 'docker.io' && !what.includes('/') ? `library/${what}` : what,
  }
}

export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text)
}

export function isTag(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(text)
}

/** Registries that may speak plain HTTP without being asked to: those on this machine. */
export function isLocalRegistry(name: string): boolean {
  const bare = name.replace(/:\d+$/, '')
  return isLoopback(bare)
}
