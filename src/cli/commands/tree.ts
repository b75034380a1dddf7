import type { TreeNode } from '../../insight/tree.ts'
import { formatRef } from '../../kube/identity.ts'
import { withCluster } from '../connect.ts'
import { print } from '../io.ts'
import { printable } from '../output/printable.ts'
import { printData } from '../output/result.ts'
import type { Style } from '../output/style.ts'
import { examples, type OutputFormat, outputOption, type RegisterCommand } from './command.ts'
import { addObjectArguments, type ObjectOptions, objectWords } from './flux-object.ts'

interface TreeOptions extends ObjectOptions {
  readonly output?: OutputFormat
}

export const registerTree: RegisterCommand = (program, { io }) => {
  addObjectArguments(program.command('tree'))
    .description('Show what a Kustomization or HelmRelease put into the cluster, and how each object is')
    .addOption(outputOption('json', 'yaml', 'name'))
    .addHelpText(
      'after',
      examples([
        ['sluice tree kustomization flux-system', 'the whole fleet'],
        ['sluice tree hr/web -n shop -o name', 'the objects of a release, for scripts'],
      ]),
    )
    .action(async (kind: string, name: string | undefined, options: TreeOptions) => {
      const { getFluxObject } = await import('../../insight/flux-objects.ts')
      const { readTree } = await import('../../insight/tree.ts')
      const words = { ...objectWords(kind, name), namespace: options.namespace }
      const tree = await withCluster(options, io, async ({ client }) =>
        readTree(client, await getFluxObject(client, words, io.signal), io.signal),
      )
      if (options.output === 'json' || options.output === 'yaml') printData(io, tree, options.output)
      else if (options.output === 'name') print(io, names(tree).join('\n'))
      else print(io, lines(tree, io.out).join('\n'))
    })
}

function names(node: TreeNode): string[] {
  return [formatRef(node.ref), ...node.children.flatMap(names)]
}

function lines(node: TreeNode, style: Style, head = '', rest = ''): string[] {
  const why = node.message === undefined ? '' : style.dim(`  ${printable(node.message).replaceAll('\n', ' ')}`)
  const own = `${style.dim(head)}${mark(node, style)} ${formatRef(node.ref)}${why}`
  return [
    own,
    ...node.children.flatMap((child, i) => {
      const last = i === node.children.length - 1
      return lines(child, style, `${rest}${last ? '└── ' : '├── '}`, `${rest}${last ? '    ' : '│   '}`)
    }),
  ]
}

function mark({ status }: TreeNode, style: Style): string {
  if (status === 'Current') return style.good('✔')
  if (status === 'Failed' || status === 'Missing') return style.bad('✗')
  return status === 'Suspended' ? style.attention('‖') : style.moving('◌')
}
