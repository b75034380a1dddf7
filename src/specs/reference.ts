import { applicationKind } from './apps/application-kind.ts'
import { environmentKind } from './apps/environment-kind.ts'
import { repositoryKind } from './apps/repository-kind.ts'
import { clusterKind } from './eks-anywhere/cluster.ts'
import { fluxConfigKind } from './eks-anywhere/flux-config.ts'
import { gitOpsConfigKind } from './eks-anywhere/gitops-config.ts'
import { eksaApiVersion } from './eks-anywhere/shared.ts'
import { clusterConfigPage } from './eksctl/reference.ts'
import { guardrailsPage } from './guardrails/reference.ts'
import type { SpecKind } from './kind.ts'
import { fieldRows, ruleTable, table } from './reference-tables.ts'
import { differences, introductions } from './reference-texts.ts'

/** The reference pages of the spec kinds, by path, made from their definitions. */
export function specReferencePages(): Record<string, string> {
  return {
    'docs/spec/application.md': appsPage(applicationKind as unknown as SpecKind, applicationText),
    'docs/spec/environment.md': appsPage(environmentKind as unknown as SpecKind, environmentText),
    'docs/spec/applicationrepository.md': appsPage(repositoryKind as unknown as SpecKind, repositoryText),
    'docs/spec/cluster.md': page('Cluster', [clusterKind as unknown as SpecKind]),
    'docs/spec/clusterconfig.md': clusterConfigPage(),
    'docs/spec/fluxconfig.md': page('FluxConfig', [fluxConfigKind, gitOpsConfigKind] as unknown as SpecKind[]),
    'docs/spec/guardrails.md': guardrailsPage(),
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

const applicationText = `An Application stands in Git alone, in \`apps/<name>/application.yaml\`: it says what a folder is, who owns it and where its
chart comes from. What is released stands beside it, in \`base/\` and in a folder for each environment; see
[Applications](../guides/applications.md).`

const environmentText = `An Environment stands in Git alone, in \`environments/<name>.yaml\`: a place where applications run. See
[Applications](../guides/applications.md).`

const repositoryText = `An ApplicationRepository stands in Git alone, in \`apps/<name>/repository.yaml\` of the fleet's repository; the Application and
all that belongs to it stands under the same paths in its own. See [Applications](../guides/applications.md).`

function appsPage(kind: SpecKind, text: string): string {
  const parts = [
    `# ${kind.kind}`,
    '<!-- Made by `npm run docs` from src/specs: change it there. -->',
    `\`apiVersion: ${kind.apiVersion}\``,
    `${kind.description} ${text}`,
    '## Fields',
    fieldTable(kind),
    '## Rules',
    ruleTable(kind.rules),
  ]
  return `${parts.join('\n\n')}\n`
}

function fieldTable(kind: SpecKind): string {
  const spec = kind.schema.properties?.['spec'] ?? {}
  return table(['field', 'type', 'required', 'default', 'meaning'], fieldRows(spec, 'spec'))
}
