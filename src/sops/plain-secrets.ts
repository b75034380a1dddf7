import { isUtf8 } from 'node:buffer'
import { SluiceError } from '../base/errors/index.ts'
import { isObject } from '../base/json.ts'
import { parseYamlStream } from '../kube/yaml/index.ts'
import { isSealed } from './cipher.ts'

/** A file as it is about to be committed. */
export interface CommittedFile {
  readonly path: string
  /** undefined for a file that is removed. */
  readonly content: string | Uint8Array | undefined
}

/** What looks like a secret whatever stands around it; each names itself in the error, never its text. */
const shapes: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/],
  ['an age identity', /\bAGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{20,}/],
  ['a token of GitHub', /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{50,})/],
  ['a token of GitLab', /\bgl(?:pat|dt|cbt|rt|ptt|agent|oas|ft|imt|soat|wt)-[A-Za-z0-9_-]{18,}/],
  ['an access key of AWS', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a token of Slack', /\bxox[abprs]-[A-Za-z0-9-]{20,}/],
  ['a key of Google', /\bAIza[A-Za-z0-9_-]{35}\b/],
]

/** Larger files are looked at for shapes only. */
const maxParsed = 4 * 1024 * 1024

/**
 * Refuses files that hold a secret in plain text, before they are committed: a `Secret` with readable `data` or
 * `stringData`, also inside a `List` or in a patch, a secret generator with literals, and anything that looks like a token
 * or a private key. What SOPS has sealed passes.
 *
 * @throws SluiceError E_SECRET_PLAIN with the file, the field and what else can be done; never with a value
 */
export function refusePlainSecrets(files: readonly CommittedFile[]): void {
  for (const { path, content } of files) {
    if (content === undefined) continue
    const bytes = Buffer.from(content)
    if (!isUtf8(bytes)) continue
    const text = bytes.toString('utf8')
    const found = shaped(text) ?? (/\.(?:ya?ml|json)$|(?:^|\/)Kustomization$/.test(path) ? declared(text) : undefined)
    if (found === undefined) continue
    throw new SluiceError('E_SECRET_PLAIN', {
      object: path,
      expected: 'a sealed secret or a reference to one',
      seen: found,
    })
  }
}

function shaped(text: string): string | undefined {
  return shapes.find(([, pattern]) => pattern.test(text))?.[0]
}

function declared(text: string): string | undefined {
  if (text.length > maxParsed || !/secret/i.test(text)) return undefined
  let documents: readonly { value: unknown }[]
  try {
    documents = parseYamlStream(text)
  } catch {
    // Whoever builds it says what is wrong; a Secret that no parser reads is told by its text.
    return /^\s*["']?kind["']?\s*:\s*["']?Secret["']?\s*,?\s*$/m.test(text)
      ? 'a Secret in a file that is no valid YAML'
      : undefined
  }
  for (const { value } of documents) {
    const found = inObject(value, 0)
    if (found !== undefined) return found
  }
  return undefined
}

function inObject(value: unknown, depth: number): string | undefined {
  if (!isObject(value) || depth > 8) return undefined
  if (value['kind'] === 'Secret') {
    const name = isObject(value['metadata']) ? value['metadata']['name'] : undefined
    const field = plainField(value)
    if (field !== undefined) return `Secret/${String(name ?? '?')} with ${field} in plain text`
  }
  const items = Array.isArray(value['items']) ? value['items'] : []
  for (const item of items) {
    const found = inObject(item, depth + 1)
    if (found !== undefined) return found
  }
  return inKustomization(value)
}

/** The first field of a Secret with a value that anybody can read. */
function plainField(secret: Record<string, unknown>): string | undefined {
  for (const field of ['data', 'stringData']) {
    const values = secret[field]
    if (!isObject(values)) continue
    for (const [key, value] of Object.entries(values)) {
      if (value === null || value === '' || isSealed(value) || isPlaceholder(value)) continue
      // A value may itself be a sealed document, in base64 or as text.
      const inner =
        typeof value === 'string' ? (field === 'data' ? Buffer.from(value, 'base64').toString('utf8') : value) : ''
      if (/mac"?: "?ENC\[AES256_GCM,|sops_mac=ENC\[/.test(inner)) continue
      return `${field}.${key}`
    }
  }
  return undefined
}

/** `${name}`: a variable of `spec.postBuild`, whose value comes from the cluster. */
function isPlaceholder(value: unknown): boolean {
  return typeof value === 'string' && /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(value)
}

/** Secret generators with literals, and patches of Secrets that stand in the file. */
function inKustomization(file: Record<string, unknown>): string | undefined {
  for (const [at, generator] of list(file['secretGenerator']).entries()) {
    if (isObject(generator) && list(generator['literals']).length > 0) {
      return `secretGenerator[${at}].literals in plain text`
    }
  }
  const patches = [...list(file['patches']), ...list(isObject(file['spec']) ? file['spec']['patches'] : undefined)]
  for (const patch of patches) {
    const text = isObject(patch) ? patch['patch'] : undefined
    const found = typeof text === 'string' && /\bSecret\b/.test(text) ? declared(text) : undefined
    if (found !== undefined) return `a patch: ${found}`
    const target = isObject(patch) && isObject(patch['target']) ? patch['target']['kind'] : undefined
    if (
      target === 'Secret' &&
      typeof text === 'string' &&
      /\/(?:data|stringData)\b/.test(text) &&
      /\bvalue\b/.test(text)
    ) {
      return 'a JSON patch of the data of a Secret'
    }
  }
  for (const text of list(file['patchesStrategicMerge'])) {
    const found = typeof text === 'string' && text.includes('\n') ? declared(text) : undefined
    if (found !== undefined) return `a patch: ${found}`
  }
  return undefined
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
