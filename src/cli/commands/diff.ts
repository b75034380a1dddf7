import { resolve } from 'node:path'
import { Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import type { ObjectDiff } from '../../engine/index.ts'
import type { KustomizationDiff } from '../../fleet/diff.ts'
import { formatRef } from '../../kube/identity.ts'
import { withCluster } from '../connect.ts'
import { print } from '../io.ts'
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
import { openFleetForge } from './fleet-forge.ts'
import { objectWords } from './flux-object.ts'
import { addForgeOptions, type ForgeOptions } from './forge-options.ts'

interface DiffOptions extends ClusterOptions, ForgeOptions {
  readonly path?: string
  readonly revision?: string
  readonly namespace: string
  readonly output?: OutputFormat
}

export const registerDiff: RegisterCommand = (program, { io, finish }) => {
  addForgeOptions(addClusterOptions(program.command('diff')))
    .description('Show what a working tree or a revision would change in the cluster; exit code 1 when it would')
    .argument('[kind]', '`kustomization`, to look at one alone')
    .argument('[name]', 'name of the Kustomization')
    .option('-n, --namespace <name>', 'namespace of the Kustomization', 'flux-system')
    .addOption(new Option('--path <dir>', 'working tree to look at (default: this folder)').conflicts('revision'))
    .option('--revision <rev>', 'branch, full ref or commit of the repository to look at instead')
    .addOption(outputOption('json'))
    .addHelpText(
      'after',
      examples([
        ['sluice diff --path ../fleet', 'before the commit'],
        ['sluice diff --revision my-branch', 'before the merge'],
        ['sluice diff kustomization apps --path .', 'one Kustomization alone'],
      ]),
    )
    .action(async (kind: string | undefined, name: string | undefined, options: DiffOptions) => {
      const only = await onlyOf(kind, name, options.namespace)
      const { diffFleet } = await import('../../fleet/diff.ts')
      const { repositoryRemote } = await import('../../fleet/repository-remote.ts')
      const diffs = await withCluster(options, io, async ({ client, dataDir }) => {
        if (options.revision === undefined) {
          return diffFleet(client, { kind: 'folder', folder: resolve(io.cwd, options.path ?? '.') }, io.signal, only)
        }
        const forge = await openFleetForge(options, client, io)
        const remoteFor = (url: string) => repositoryRemote(forge, url)
        return diffFleet(client, { kind: 'revision', revision: options.revision, remoteFor, dataDir }, io.signal, only)
      })
      const differs = diffs.some(one =>
        one.objects.some(object => object.action !== 'unchanged' && object.action !== 'skip'),
      )
      if (options.output === 'json') printData(io, { differs, kustomizations: diffs.map(withoutUnchanged) }, 'json')
      else print(io, renderDiff(diffs, io.out))
      if (differs) finish(1)
    })
}

/** The Kustomization that is named. Fails with E_USAGE for another kind. */
async function onlyOf(kind: string | undefined, name: string | undefined, namespace: string) {
  if (kind === undefined) return undefined
  const { kindFromWord } = await import('../../fleet/flux-kinds.ts')
  const words = objectWords(kind, name)
  if (kindFromWord(words.kind).kind === 'Kustomization') return { name: words.name, namespace }
  throw new SluiceError('E_USAGE', {
    object: 'sluice diff',
    expected: 'kustomization NAME',
    seen: words.kind,
    next: 'Only Kustomizations are held against the cluster; a HelmRelease is shown as the object that it is.',
  })
}

function withoutUnchanged({ kustomization, objects }: KustomizationDiff) {
  return {
    kustomization,
    unchanged: objects.filter(one => one.action === 'unchanged').length,
    objects: objects
      .filter(one => one.action !== 'unchanged')
      .map(({ ref, action, changes, message }) => ({ ref, action, changes, message })),
  }
}

/** Each object that would change, with its fields; what stays is counted. */
function renderDiff(diffs: readonly KustomizationDiff[], style: Style): string {
  const lines: string[] = []
  for (const { kustomization, objects } of diffs) {
    const counts = new Map<string, number>()
    for (const { action } of objects) counts.set(action, (counts.get(action) ?? 0) + 1)
    lines.push(
      `${style.bold(`Kustomization/${kustomization}`)} ${[...counts].map(([action, count]) => `${count} ${words[action as ObjectDiff['action']]}`).join(', ')}`,
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
