import { isObject } from '../base/json.ts'
import type { Schema } from '../kube/schema/types.ts'
import { clusterKind } from './eks-anywhere/cluster.ts'
import { fluxConfigKind } from './eks-anywhere/flux-config.ts'
import { gitOpsConfigKind } from './eks-anywhere/gitops-config.ts'
import { eksaApiVersion } from './eks-anywhere/shared.ts'
import type { SpecKind } from './kind.ts'
import { differences, introductions } from './reference-texts.ts'

/** The reference pages of the spec kinds, by path, made from their definitions. */
export function specReferencePages(): Record<string, string> {
  return {
    'docs/spec/cluster.md': page('Cluster', [clusterKind as unknown as SpecKind]),
    'docs/spec/fluxconfig.md': page('FluxConfig', [fluxConfigKind, gitOpsConfigKind] as unknown as SpecKind[]),
  }
}

function page(title: keyof typeof introductions, kinds: readonly SpecKind[]): string {
  const parts = [
    `# ${title}`,
    '<!-- Made by `npm run docs` from src/specs: change it there. -->',
    `\`apiVersion: ${eksaApiVersion}\``,
    introductions[title],
  ]
  for (const kind of kinds) {
    if (kinds.length > 1) parts.push(`## ${kind.kind}`, kind.description)
    parts.push(`##${kinds.length > 1 ? '#' : ''} Fields`, fieldTable(kind))
    parts.push(`##${kinds.length > 1 ? '#' : ''} Rules`, ruleTable(kind.rules))
    parts.push(`##${kinds.length > 1 ? '#' : ''} Rules for changes`, ruleTable(kind.updateRules))
  }
  parts.push('## Differences from EKS Anywhere', differences[title].map(text => `- ${text}`).join('\n'))
  return `${parts.join('\n\n')}\n`
}

function ruleTable(rules: readonly { name: string; says: string }[]): string {
  return table(
    ['rule', 'what must hold'],
    rules.map(rule => [`\`${rule.name}\``, rule.says]),
  )
}

function fieldTable(kind: SpecKind): string {
  const rows: string[][] = []
  const spec = kind.schema.properties?.['spec']
  if (spec !== undefined) addFields(spec, 'spec', rows)
  return table(['field', 'type', 'required', 'default', 'meaning'], rows)
}

function addFields(schema: Schema, path: string, rows: string[][]): void {
  for (const [name, field] of Object.entries(schema.properties ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const here = `${path}.${name}${field.type === 'array' ? '[]' : ''}`
    rows.push([
      `\`${here}\``,
      typeOf(field),
      schema.required?.includes(name) ? 'yes' : '',
      field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``,
      field.description ?? '',
    ])
    addFields(field.items ?? field, here, rows)
  }
}

function typeOf(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string']) return 'integer or text'
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`
  if (schema.enum !== undefined) return schema.enum.map(value => `\`${String(value)}\``).join(', ')
  if (isObject(schema.additionalProperties)) return 'map'
  return schema.type === 'string' ? 'text' : schema.type === 'boolean' ? 'true or false' : (schema.type ?? 'any')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
