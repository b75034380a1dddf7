import { isObject } from '../base/json.ts'
import type { Values } from './types.ts'

/** An image that values name, in the form of most charts: `{registry?, repository, tag?, digest?}`. */
export interface ImageInValues {
  /** Where it stands: `['image']`. */
  readonly path: readonly string[]
  /** As it is pulled, without tag: `ghcr.io/acme/shop`, `docker.io/library/nginx`. */
  readonly name: string
  readonly host: string
  /** In its registry: `acme/shop`. */
  readonly repository: string
  readonly tag: string
  readonly digest: string
}

/** Tags of an image that can be changed to. */
export interface NewerTags {
  /** Newest first. Where the tag in use is no version, nothing says which is newer: the last by name. */
  readonly tags: readonly string[]
  /** Whether they are newer than the one in use, by their numbers. */
  readonly ordered: boolean
}

const mostImages = 20
const mostTags = 50
const deepest = 8

/** Images of values, as far as they can be told from other things. */
export function imagesIn(values: Values): readonly ImageInValues[] {
  const found: ImageInValues[] = []
  const walk = (here: unknown, path: readonly string[]): void => {
    if (!isObject(here) || path.length > deepest || found.length >= mostImages) return
    const image = path.length === 0 ? undefined : imageOf(here, path)
    if (image !== undefined) return void found.push(image)
    for (const [key, child] of Object.entries(here)) walk(child, [...path, key])
  }
  walk(values, [])
  return found
}

function imageOf(map: Readonly<Record<string, unknown>>, path: readonly string[]): ImageInValues | undefined {
  const text = (key: string) => {
    const value = map[key]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  const repository = text('repository')
  if (repository === '' || !('tag' in map || 'digest' in map)) return undefined
  const registry = text('registry')
  const place = imagePlace(registry === '' ? repository : `${registry}/${repository}`)
  if (place === undefined) return undefined
  return { path, name: `${place.host}/${place.repository}`, ...place, tag: text('tag'), digest: text('digest') }
}

/** The registry of an image's name, as container runtimes read it; undefined for what is none. */
export function imagePlace(name: string): { readonly host: string; readonly repository: string } | undefined {
  const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
  const [first = '', ...rest] = name.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const host = isHost ? first : 'docker.io'
  const bare = isHost ? rest.join('/') : name
  const repository = host === 'docker.io' && !bare.includes('/') ? `library/${bare}` : bare
  const fits = repository.length <= 255 && new RegExp(`^${part}(?:/${part})*$`).test(repository)
  return fits && /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?$/.test(host)
    ? { host, repository }
    : undefined
}

/** Tags that are newer than one: of versions those with greater numbers and the same rest, as in `1.26.3-alpine`. */
export function newerTags(current: string, tags: readonly string[]): NewerTags {
  const now = numbersOf(current)
  if (now === undefined) {
    const others = [...new Set(tags)].filter(tag => tag !== current && isShown(tag))
    return { tags: others.sort(byName).reverse().slice(0, mostTags), ordered: false }
  }
  const newer = [...new Set(tags)].flatMap(tag => {
    const found = isShown(tag) ? numbersOf(tag) : undefined
    if (found === undefined || found.rest !== now.rest || found.prefix !== now.prefix) return []
    // `1.27` is another promise than `1.27.1`: it moves.
    return found.numbers.length === now.numbers.length && compare(found.numbers, now.numbers) > 0
      ? [{ tag, numbers: found.numbers }]
      : []
  })
  newer.sort((a, b) => compare(b.numbers, a.numbers))
  return { tags: newer.slice(0, mostTags).map(one => one.tag), ordered: true }
}

/** Signatures and attestations of images are kept as tags, too. */
function isShown(tag: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag) && !/^sha256-[0-9a-f]{64}/.test(tag)
}

function numbersOf(tag: string) {
  const found = /^(v?)(\d{1,15}(?:\.\d{1,15}){0,3})((?:[-+_].*)?)$/.exec(tag)
  if (found === null) return undefined
  const [, prefix = '', numbers = '', rest = ''] = found
  return { prefix, numbers: numbers.split('.').map(Number), rest }
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, one] of a.entries()) if (one !== b[i]) return one - (b[i] ?? 0)
  return 0
}

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
