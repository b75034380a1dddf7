import type { Schema } from '../../kube/schema/types.ts'
import { fieldRows, ruleTable, table } from '../reference-tables.ts'
import { clusterConfigRules } from './cluster-config-rules.ts'
import { clusterConfigSchema, eksctlApiVersion } from './cluster-config-schema.ts'
import { type FluxFlag, fluxFlags } from './flux-flags.ts'
import { eksctlClusterKind } from './node-groups-kind.ts'
import { eksctlShapes } from './shapes.ts'

const introduction = `An EKS cluster as eksctl describes it. Sluice reads the same file, keeps it in Git byte for byte, brings it in with
\`sluice bootstrap -f FILE\` (or \`sluice enable flux -f FILE\`), and makes its node groups follow it (see the
[guide](../guides/eksctl.md)). The table has the fields that Sluice acts on. All other fields of eksctl are checked (an unknown
one is an error, as for eksctl, and so is a value of a wrong type) and kept as they are.`

const differences = [
  '`"false"` in a flag of `gitops.flux.flags` is false. eksctl passes `--private false` as two arguments, which flux reads as true.',
  'A flag that `flux bootstrap` does not have is an error before anything is done; eksctl finds out at the end of a cluster’s creation.',
  '`gitProvider` is one of the sub-commands of `flux bootstrap`; eksctl takes any text.',
  'The flux binary is not needed, and the token is checked before anything is written.',
  'Flux v1 in the cluster is an error; eksctl warns, skips the installation and ends with success.',
  'Values outside of the enumerations of eksctl’s schema (a newer `amiFamily`, say) are left to eksctl to judge.',
  'A file that holds a credential is refused: it goes to Git.',
]

/** The reference page of ClusterConfig, made from its definition. */
export function clusterConfigPage(): string {
  const top = [...(eksctlShapes().get('ClusterConfig') ?? new Map()).keys()]
  const acted = Object.keys(clusterConfigSchema.properties)
  const carried = top.filter(name => !acted.includes(name) && name !== 'apiVersion' && name !== 'kind')
  const head = ['field', 'type', 'required', 'default', 'meaning']
  const spec = (eksctlClusterKind.schema.properties?.['spec'] ?? {}) as Schema
  return `${[
    '# ClusterConfig',
    '<!-- Made by `npm run docs` from src/specs: change it there. -->',
    `\`apiVersion: ${eksctlApiVersion}\``,
    introduction,
    '## Fields',
    table(head, fieldRows(clusterConfigSchema as Schema, '')),
    `Carried as they are: ${carried.map(name => `\`${name}\``).join(', ')}.`,
    '## Rules',
    ruleTable(clusterConfigRules),
    '## Flags of `gitops.flux.flags`',
    table(['flag', 'type', 'default', 'of', 'here'], flagRows()),
    '## EksctlCluster',
    `\`apiVersion: ${eksctlClusterKind.apiVersion}\``,
    'The object in the cluster that says which ClusterConfig is followed; bootstrap makes it. Its status has every group.',
    table(head, fieldRows(spec, 'spec')),
    '## Differences from eksctl',
    differences.map(text => `- ${text}`).join('\n'),
  ].join('\n\n')}\n`
}

function flagRows(): string[][] {
  const types = { text: 'text', flag: 'true or false', integer: 'integer', list: 'list', duration: 'duration' }
  return Object.entries<FluxFlag>(fluxFlags).map(([name, flag]) => [
    `\`${name}\``,
    flag.values ? flag.values.map(value => `\`${value}\``).join(', ') : types[flag.type],
    flag.default === undefined || flag.default === '' ? '' : `\`${flag.default}\``,
    flag.of === undefined ? 'all' : flag.of.join(', '),
    flag.use === 'used'
      ? 'used'
      : flag.use === 'flux'
        ? 'used with `--engine flux`'
        : 'warn' in flag.use
          ? `no effect: ${flag.use.warn}`
          : `refused: ${flag.use.refuse}`,
  ])
}
