import { readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { isObject } from '../../base/json.ts'
import { parseYaml } from '../../kube/yaml/index.ts'
import { Failure } from '../failure.ts'
import type { Rules } from '../leaf.ts'

/** What a creation rule says about a file. */
export interface CreationRule {
  readonly recipients: readonly string[]
  readonly rules: Rules
  readonly macOnlyEncrypted: boolean
  /** The `.sops.yaml` that it comes from. */
  readonly source: string
}

const ruleFields = [
  ['unencrypted_suffix', 'unencryptedSuffix'],
  ['encrypted_suffix', 'encryptedSuffix'],
  ['unencrypted_regex', 'unencryptedRegex'],
  ['encrypted_regex', 'encryptedRegex'],
] as const
const otherKeys = ['kms', 'aws_profile', 'gcp_kms', 'azure_keyvault', 'hc_vault_transit_uri', 'pgp', 'shamir_threshold']

/**
 * The first creation rule for a file in the nearest `.sops.yaml` on the way up; undefined when there is none.
 *
 * @param path absolute path of the file
 * @throws Failure for a rule that asks for what is not built in
 */
export async function creationRuleFor(path: string): Promise<CreationRule | undefined> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const source = join(folder, '.sops.yaml')
    const text = await readFile(source, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw new Failure('E_SOPS_RULE', { object: source, seen: error.code ?? 'it cannot be read' })
    })
    if (text !== undefined) return creationRuleIn(text, source, relative(folder, path).split(sep).join('/'))
    if (folder === dirname(folder)) return undefined
  }
}

/** The first creation rule of a `.sops.yaml` for a path below its folder. @throws Failure */
export function creationRuleIn(text: string, source: string, path: string): CreationRule | undefined {
  const root = parseYaml(text, { source, maxLength: 1024 * 1024 })
  const list = isObject(root) ? root['creation_rules'] : undefined
  if (!Array.isArray(list))
    throw new Failure('E_SOPS_RULE', { object: source, expected: 'creation_rules', seen: 'none' })
  const found = list.findIndex(rule => isObject(rule) && fits(rule['path_regex'], path, source))
  if (found < 0) return undefined
  const rule = list[found] as Record<string, unknown>
  const where = `${source} creation_rules[${found}]`
  const unsupported = otherKeys.filter(key => rule[key] !== undefined && rule[key] !== '')
  if (unsupported.length > 0) {
    throw new Failure('E_SOPS_UNSUPPORTED', {
      object: where,
      expected: 'age recipients',
      seen: unsupported.join(', '),
      next: 'Give the rule age recipients only; files for other keys are sealed with sops itself.',
    })
  }
  return {
    recipients: recipientsOf(rule, where),
    rules: Object.fromEntries(
      ruleFields.flatMap(([field, name]) => (typeof rule[field] === 'string' ? [[name, rule[field]]] : [])),
    ),
    macOnlyEncrypted: rule['mac_only_encrypted'] === true,
    source,
  }
}

function fits(pattern: unknown, path: string, source: string): boolean {
  if (pattern === undefined || pattern === null || pattern === '') return true
  if (typeof pattern !== 'string' || pattern.length > 4096) return false
  try {
    return new RegExp(pattern, 'u').test(path)
  } catch {
    throw new Failure('E_SOPS_RULE', {
      object: source,
      expected: 'path_regex to be a regular expression',
      seen: pattern.slice(0, 200),
    })
  }
}

/** `age` as a text with commas or as a list, or the one group of `key_groups`. */
function recipientsOf(rule: Record<string, unknown>, where: string): string[] {
  const groups = rule['key_groups']
  if (Array.isArray(groups) && groups.length > 0) {
    const [group] = groups
    const others = isObject(group) ? Object.keys(group).filter(key => key !== 'age') : []
    if (groups.length > 1 || others.length > 0) {
      throw new Failure('E_SOPS_UNSUPPORTED', {
        object: `${where}.key_groups`,
        expected: 'one group of age recipients',
        seen: `${groups.length} groups${others.length > 0 ? ` with ${others.join(', ')}` : ''}`,
      })
    }
    return recipientsOf(group as Record<string, unknown>, where)
  }
  const age = rule['age']
  const texts = Array.isArray(age) ? age.map(String) : typeof age === 'string' ? age.split(',') : []
  return texts.map(text => text.trim()).filter(text => text !== '')
}
