import { isUtf8 } from 'node:buffer'
import { Failure, wrapped } from '../failure.ts'
import type { GeneratorArgs } from '../kustomization.ts'
import type { Loader } from '../loader.ts'

/** The pairs of a generator: of env files, then literals, then files. @throws Failure for repeated keys */
export async function loadPairs(loader: Loader, args: GeneratorArgs): Promise<Map<string, Buffer>> {
  const pairs: [string, Buffer][] = []
  try {
    pairs.push(...(await envPairs(loader, args.envs ?? [])))
    pairs.push(...literalPairs(args.literals ?? []))
    pairs.push(...(await filePairs(loader, args.files ?? [])))
  } catch (error) {
    throw wrapped(error, 'loading KV pairs')
  }
  const result = new Map<string, Buffer>()
  for (const [key, value] of pairs) {
    if (result.has(key)) throw new Failure(`configmap ${args.name ?? ''} illegally repeats the key \`${key}\``)
    result.set(key, value)
  }
  return result
}

async function envPairs(loader: Loader, paths: readonly string[]): Promise<[string, Buffer][]> {
  const pairs: [string, Buffer][] = []
  try {
    for (const path of paths) pairs.push(...envLines(await loader.read(path)))
  } catch (error) {
    throw wrapped(error, `env source files: [${paths.join(' ')}]`)
  }
  return pairs
}

function envLines(content: Buffer): [string, Buffer][] {
  if (!isUtf8(content)) throw new Failure('line 0 has invalid utf8 bytes')
  const pairs: [string, Buffer][] = []
  for (const raw of content
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split('\n')) {
    const line = raw.replace(/\r$/, '').trimStart()
    if (line === '' || line.startsWith('#')) continue
    const cut = line.indexOf('=')
    const key = cut < 0 ? line : line.slice(0, cut)
    pairs.push([key, Buffer.from(cut < 0 ? '' : line.slice(cut + 1))])
  }
  return pairs
}

function literalPairs(literals: readonly string[]): [string, Buffer][] {
  return literals.map((literal, i) => {
    const cut = literal.indexOf('=')
    // The literals may be secrets, so unlike kustomize's this message does not show them.
    if (cut <= 0) throw new Failure(`literal sources: invalid literal source (number ${i + 1}), expected key=value`)
    return [literal.slice(0, cut), Buffer.from(withoutQuotes(literal.slice(cut + 1)))]
  })
}

/** Quotes go when the same one stands at both ends. */
function withoutQuotes(value: string): string {
  const first = value[0]
  if (value.length < 2 || (first !== '"' && first !== "'") || value.at(-1) !== first) return value
  return value.slice(1, -1)
}

async function filePairs(loader: Loader, sources: readonly string[]): Promise<[string, Buffer][]> {
  const pairs: [string, Buffer][] = []
  try {
    for (const source of sources) {
      const [key, path] = fileSource(source)
      pairs.push([key, await loader.read(path)])
    }
  } catch (error) {
    throw wrapped(error, `file sources: [${sources.join(' ')}]`)
  }
  return pairs
}

/** `path` (the key is the file's name) or `key=path`. */
function fileSource(source: string): [string, string] {
  const cut = source.indexOf('=')
  if (cut < 0) return [source.replace(/\/+$/, '').split('/').at(-1)!, source]
  const key = source.slice(0, cut)
  const path = source.slice(cut + 1)
  if (cut === 0) throw new Failure(`missing key name for file path "${source.replace(/^=/, '')}" in source "${source}"`)
  if (path.includes('=')) throw new Failure(`source "${source}" key name or file path contains '='`)
  if (path === '') throw new Failure(`missing file path for key name "${key}" in source "${source}"`)
  return [key, path]
}
