import { isObject } from '../../base/json.ts'
import { Failure } from '../failure.ts'
import type { Leaf, Scalar } from '../leaf.ts'
import type { Sheet } from './format.ts'

const prefix = 'sops_'

interface Line {
  /** undefined for a comment. */
  readonly key: string | undefined
  value: string
}

/** Reads `KEY=value` lines; `\n` in a value stands for a new line. @throws Failure for a line that is none */
export function dotenvSheet(bytes: Buffer): Sheet {
  const all = linesOf(bytes.toString('utf8'))
  const lines = all.filter(({ key }) => key?.startsWith(prefix) !== true)
  const flat = all.filter(({ key }) => key?.startsWith(prefix) === true)
  return {
    metadata: flat.length === 0 ? undefined : unflattened(flat),
    leaves: () =>
      lines.map((line): Leaf => {
        const set = (value: Scalar): void => {
          line.value = String(value)
        }
        return {
          path: line.key === undefined ? [] : [line.key],
          value: line.value,
          comment: line.key === undefined,
          set,
        }
      }),
    plain: () => Buffer.from(written(lines)),
    sealed: block => {
      const metadata = flattened(block, '').sort(([a], [b]) => (a < b ? -1 : 1))
      return Buffer.from(written([...lines, ...metadata.map(([key, value]) => ({ key: prefix + key, value }))]))
    },
  }
}

function linesOf(text: string): Line[] {
  return text.split('\n').flatMap((raw, at): Line[] => {
    if (raw === '') return []
    if (raw.startsWith('#')) return [{ key: undefined, value: raw.slice(1) }]
    const cut = raw.indexOf('=')
    if (cut < 0) throw new Failure('E_SOPS_FORMAT', { object: `line ${at + 1}`, expected: 'KEY=value', seen: 'no =' })
    return [{ key: raw.slice(0, cut), value: raw.slice(cut + 1).replaceAll('\\n', '\n') }]
  })
}

function written(lines: readonly Line[]): string {
  const one = ({ key, value }: Line) => (key === undefined ? `#${value}` : `${key}=${value.replaceAll('\n', '\\n')}`)
  return lines.map(line => `${one(line)}\n`).join('')
}

function flattened(value: unknown, path: string): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((item, at) => flattened(item, `${path}__list_${at}`))
  if (!isObject(value)) return [[path, String(value)]]
  return Object.entries(value).flatMap(([key, item]) => flattened(item, path === '' ? key : `${path}__map_${key}`))
}

/** `age__list_0__map_enc` stands for `age[0].enc`. */
function unflattened(lines: readonly Line[]): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const { key = '', value } of lines) {
    const steps = key.slice(prefix.length).split(/__(?=(?:map|list)_)/)
    let here = root
    for (const [at, step] of steps.entries()) {
      const name = at === 0 ? step : step.replace(/^(?:map|list)_/, '')
      if (name === '__proto__') throw new Failure('E_SOPS_FORMAT', { object: key, seen: 'a name that is not allowed' })
      if (at === steps.length - 1) here[name] = value
      else {
        if (!isObject(here[name])) here[name] = {}
        here = here[name] as Record<string, unknown>
      }
    }
  }
  for (const field of ['age', 'pgp', 'kms', 'gcp_kms', 'azure_kv', 'hc_vault', 'key_groups']) {
    if (isObject(root[field])) root[field] = Object.values(root[field])
  }
  return root
}
