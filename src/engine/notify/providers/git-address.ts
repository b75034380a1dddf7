import { type FluxEvent, revisionOf } from '../event.ts'
import { DeliveryFailure, type ProviderConfig } from './types.ts'

/** A repository on a Git host: `https://host`, and the path without `.git`. */
export interface RepositoryAddress {
  readonly host: string
  readonly path: string
}

/** Reads a repository's address as Git takes it: a URL, or `git@host:path`. SSH becomes HTTPS. */
export function repositoryOf(provider: ProviderConfig, segments?: number): RepositoryAddress {
  const text = provider.address?.reveal() ?? ''
  const short = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(text)
  let found: RepositoryAddress
  if (short !== null && !/^[a-z]+:\/\//i.test(text)) found = { host: `https://${short[1]}`, path: short[2] ?? '' }
  else {
    let url: URL
    try {
      url = new URL(text)
    } catch {
      throw new DeliveryFailure('failed parsing the address: expected the URL of a repository')
    }
    if (!/^(?:https?|ssh|git):$/.test(url.protocol)) {
      throw new DeliveryFailure(`failed parsing the address: expected http, https or ssh, seen ${url.protocol}`)
    }
    const scheme = url.protocol === 'http:' ? 'http:' : 'https:'
    // The port of SSH is not that of the API.
    found = { host: `${scheme}//${url.protocol === 'ssh:' ? url.hostname : url.host}`, path: url.pathname }
  }
  const path = found.path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
  const parts = path.split('/')
  if (path === '' || parts.some(part => part === '' || part === '.' || part === '..')) {
    throw new DeliveryFailure(`invalid repository id ${JSON.stringify(path.slice(0, 200))}`)
  }
  if (segments !== undefined && parts.length !== segments) {
    throw new DeliveryFailure(`invalid repository id ${JSON.stringify(path.slice(0, 200))}`)
  }
  return { host: found.host, path }
}

/** The commit that an event is about. */
export function commitOf(event: FluxEvent): string {
  const revision = revisionOf(event)
  if (revision === undefined) throw new DeliveryFailure('missing revision metadata')
  // `main@sha1:<commit>`, `sha1:<commit>`, and `main/<commit>` of old.
  const commit = /(?:^|[:/@])([0-9a-f]{40}|[0-9a-f]{64})$/i.exec(revision)?.[1]
  if (commit === undefined) {
    throw new DeliveryFailure(`failed to extract commit hash from '${revision.slice(0, 200)}' revision`)
  }
  return commit.toLowerCase()
}

/** What a commit status says: `kustomization/podinfo`, and the reason in words: `health check failed`. */
export function describe(event: FluxEvent): { readonly name: string; readonly description: string } {
  const { kind, name } = event.involvedObject
  const words = event.reason.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^A-Za-z0-9]+/g) ?? [event.reason]
  return { name: `${kind}/${name}`.toLowerCase(), description: words.join(' ').toLowerCase() }
}
