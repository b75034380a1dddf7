import { resolve } from 'node:path'
import { Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import type { ObjectDiff } from '../../engine/index.ts'
import { formatRef } from '../../kube/identity.ts'
import { type ConnectedCluster, withCluster } from '../connect.ts'
import { type CliIo, print } from '../io.ts'
import { printable } from '../output/printable.ts'
import { printData } from '../output/result.ts'
import type { Style } from '../output/style.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
} from './command.ts'
import { objectWords } from './flux-object.ts'
import { addForgeOptions, type ForgeOptions } from './forge-options.ts'
import { type SubjectOptions, subjectOf } from './subject-options.ts'

interface DiffOptions extends ClusterOptions, ForgeOptions, SubjectOptions {
  readonly chart?: string
  readonly namespace: string
  readonly output?: OutputFormat
}

export const registerDiff: RegisterCommand = (program, { io, finish }) => {
  addForgeOptions(addClusterOptions(program.command('diff')))
    .description('Show what a working tree or a revision would change in the cluster; exit code 1 when it would')
    .argument('[kind]', '`kustomization` or `helmrelease`, to look at one alone')
    .argument('[name]', 'name of the object')
    .option('-n, --namespace <name>', 'namespace of the object', 'flux-system')
    .addOption(
      new Option(
        '--path <dir>',
        'working tree to look at (default: this folder; for a HelmRelease the object in the cluster)',
      ).conflicts(['revision', 'branch']),
    )
    .addOption(
      new Option('--revision <rev>', 'branch, full ref or commit of the repository to look at instead').conflicts(
        'branch',
      ),
    )
    .option('--branch <name>', 'branch of the repository to look at instead')
    .option('--chart <path>', 'of a HelmRelease: folder or packed chart to render in the place of its own')
    .addOption(outputOption('json'))
    .addHelpText(
      'after',
      examples([
        ['sluice diff --path ../fleet', 'before the commit'],
        ['sluice diff --revision my-branch', 'before the merge'],
        ['sluice diff kustomization apps --path .', 'one Kustomization alone'],
        ['sluice diff helmrelease web -n shop', 'what the next release would change'],
        ['sluice diff helmrelease web -n shop --branch new-values', 'with the values and versions of a branch'],
        ['sluice diff helmrelease web -n shop --chart ./charts/web', 'with a chart that is not released yet'],
      ]),
    )
    .action(async (kind: string | undefined, name: string | undefined, options: DiffOptions) => {
      const { kindFromWord } = await import('../../fleet/flux-kinds.ts')
      const words = kind === undefined ? undefined : objectWords(kind, name)
      const only = words && { kind: kindFromWord(words.kind).kind, name: words.name, namespace: options.namespace }
      if (only?.kind !== 'HelmRelease' && options.chart !== undefined) {
        throw new SluiceError('E_USAGE', { object: '--chart', expected: 'sluice diff helmrelease NAME', seen: 'none' })
      }
      const diffs = await withCluster(options, io, cluster => compare(only, options, cluster, io))
      const differs = diffs.some(one =>
        one.objects.some(object => object.action !== 'unchanged' && object.action !== 'skip'),
      )
      if (options.output === 'json') {
        const list = only?.kind === 'HelmRelease' ? 'helmreleases' : 'kustomizations'
        printData(io, { differs, [list]: diffs.map(withoutUnchanged) }, 'json')
      } else print(io, renderDiff(diffs, io.out))
      if (differs) finish(1)
    })
}

interface Named {
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/** What would change, by object of Flux. Fails with E_USAGE for a kind that makes no objects. */
async function compare(
  only: Named | undefined,
  options: DiffOptions,
  cluster: ConnectedCluster,
  io: CliIo,
): Promise<Compared[]> {
  const { client } = cluster
  const subject = await subjectOf(options, cluster, io)
  if (only?.kind === 'HelmRelease') {
    const { diffRelease } = await import('../../engine/index.ts')
    const { previewRelease } = await import('../../fleet/release-preview.ts')
    const request = {
      ...{ client, env: io.env, signal: io.signal, ...only },
      ...(subject === undefined ? {} : { subject }),
      ...(options.chart === undefined ? {} : { chart: resolve(io.cwd, options.chart) }),
    }
    const objects = await previewRelease(request, diffRelease)
    return [{ kind: only.kind, name: `${only.namespace}/${only.name}`, objects }]
  }
  if (only !== undefined && only.kind !== 'Kustomization') {
    throw new SluiceError('E_USAGE', {
      object: 'sluice diff',
      expected: 'kustomization NAME or helmrelease NAME',
      seen: only.kind,
    })
  }
  const { diffFleet } = await import('../../fleet/diff.ts')
  const folder = { kind: 'folder', folder: io.cwd } as const
  const diffs = await diffFleet(client, subject ?? folder, io.signal, only)
  return diffs.map(({ kustomization, objects }) => ({ kind: 'Kustomization', name: kustomization, objects }))
}

/** One object of Flux and what it would change. */
interface Compared {
  readonly kind: string
  readonly name: string
  readonly objects: readonly ObjectDiff[]
}

function withoutUnchanged({ kind, name, objects }: Compared) {
  return {
    [kind.toLowerCase()]: name,
    unchanged: objects.filter(one => one.action === 'unchanged').length,
    objects: objects
      .filter(one => one.action !== 'unchanged')
      .map(({ ref, action, changes, message }) => ({ ref, action, changes, message })),
  }
}

/** Each object that would change, with its fields; what stays is counted. */
function renderDiff(diffs: readonly Compared[], style: Style): string {
  const lines: string[] = []
  for (const { kind, name, objects } of diffs) {
    const counts = new Map<string, number>()
    for (const { action } of objects) counts.set(action, (counts.get(action) ?? 0) + 1)
    lines.push(
      `${style.bold(`${kind}/${name}`)} ${[...counts].map(([action, count]) => `${count} ${words[action as ObjectDiff['action']]}`).join(', ')}`,
    )
    for (const object of objects) lines.push(...objectLines(object, style))
  }
  return `${lines.join('\n')}\n`
}

const words: Readonly<Record<ObjectDiff['action'], string>> = {
  create: 'to create',
  configure: 'to configure',
  unchanged: 'unchanged',
  delete: 'to delete',
  skip: 'skipped',
  refused: 'refused',
}

function objectLines({ ref, action, changes, message }: ObjectDiff, style: Style): string[] {
  const name = formatRef(ref)
  switch (action) {
    case 'unchanged':
      return []
    case 'skip':
      return [`  ${style.dim(`○ ${name} (an annotation keeps it as it is)`)}`]
    case 'create':
      return [`  ${style.good(`+ ${name}`)}`]
    case 'delete':
      return [`  ${style.bad(`- ${name}`)}`]
    case 'refused':
      return [`  ${style.bad(`✗ ${name}`)} ${printable(message ?? '')}`]
    case 'configure':
      return [
        `  ${style.attention(`~ ${name}`)}`,
        ...changes.map(
          ({ path, before, after }) => `      ${path}: ${style.bad(shown(before))} → ${style.good(shown(after))}`,
        ),
      ]
  }
}

function shown(value: unknown): string {
  if (value === undefined) return '(none)'
  const text = JSON.stringify(value)
  return printable(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}
