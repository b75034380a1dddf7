import type { Trace } from '../../insight/trace.ts'
import { formatRef } from '../../kube/identity.ts'
import { withCluster } from '../connect.ts'
import { print } from '../io.ts'
import { printable } from '../output/printable.ts'
import { printData } from '../output/result.ts'
import type { Style } from '../output/style.ts'
import { examples, type OutputFormat, outputOption, type RegisterCommand } from './command.ts'
import { addObjectArguments, getAnyObject, type ObjectOptions, objectWords } from './flux-object.ts'

interface TraceOptions extends ObjectOptions {
  readonly output?: OutputFormat
}

export const registerTrace: RegisterCommand = (program, { io }) => {
  addObjectArguments(program.command('trace'))
    .description('Follow an object of the cluster back to the Kustomization, source and revision that it came from')
    .addOption(outputOption('json', 'yaml'))
    .addHelpText(
      'after',
      examples([
        ['sluice trace deployment web -n shop', 'who applied it, from which commit'],
        ['sluice trace pod/web-5f6d -n shop', 'through the owners of the Pod'],
      ]),
    )
    .action(async (kind: string, name: string | undefined, options: TraceOptions) => {
      const { traceObject } = await import('../../insight/trace.ts')
      const words = { ...objectWords(kind, name), namespace: options.namespace }
      const trace = await withCluster(options, io, async ({ client }) =>
        traceObject(client, await getAnyObject(client, words, io.signal), io.signal),
      )
      if (options.output === 'json' || options.output === 'yaml') printData(io, trace, options.output)
      else print(io, render(trace, io.out))
    })
}

function render({ stations }: Trace, style: Style): string {
  const width = Math.max(
    ...stations.flatMap(({ ref, facts }) => [ref.kind.length, ...facts.map(([label]) => label.length)]),
  )
  const row = (label: string, text: string) =>
    `${style.dim(`${label}:`.padEnd(width + 3))}${printable(text).replaceAll('\n', ' ')}`
  return stations
    .map(({ ref, facts }) =>
      [
        row(ref.kind, style.bold(formatRef(ref).slice(ref.kind.length + 1))),
        ...facts.map(([label, text]) => row(label, text)),
      ].join('\n'),
    )
    .join('\n---\n')
}
