import { valueAt } from '../../base/json.ts'
import type { KubeObject } from '../../kube/object.ts'
import { connectCluster } from '../connect.ts'
import { type CliIo, print } from '../io.ts'
import { formatAge } from '../output/age.ts'
import { printable } from '../output/printable.ts'
import { type ListView, printList } from '../output/result.ts'
import { untilStopped } from '../process.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
} from './command.ts'

interface EventsOptions extends ClusterOptions {
  readonly namespace?: string
  readonly for?: string
  readonly watch?: boolean
  readonly output?: OutputFormat
}

export const registerEvents: RegisterCommand = (program, { io }) => {
  addClusterOptions(program.command('events'))
    .description('Show what the engine reported, oldest first')
    .option('-n, --namespace <name>', 'only this namespace')
    .option('--for <kind/name>', 'only this object')
    .option('-w, --watch', 'go on showing new ones until stopped')
    .addOption(outputOption('json', 'yaml', 'name', 'wide'))
    .addHelpText(
      'after',
      examples([
        ['sluice events --for kustomization/flux-system', 'the story of one object'],
        ['sluice events -w', 'follow along'],
      ]),
    )
    .action((options: EventsOptions) => showEvents(options, io))
}

async function showEvents(options: EventsOptions, io: CliIo): Promise<void> {
  const { fluxEvents } = await import('../../fleet/events.ts')
  const { client } = await connectCluster(options, io)
  try {
    const source = await fluxEvents(client, {
      ...(options.namespace ? { namespace: options.namespace } : {}),
      ...(options.for ? { about: options.for } : {}),
      signal: io.signal,
    })
    printList(io, source.items, eventView(io), options.output)
    if (!options.watch) return
    source.follow(event => print(io, eventRow(event)))
    await untilStopped(io)
    source.stop()
  } finally {
    await client.close()
  }
}

function eventView(io: CliIo): ListView<KubeObject> {
  const now = new Date()
  return {
    empty: 'No events.',
    name: row => `event/${row.metadata.name}`,
    columns: [
      { header: 'LAST SEEN', value: row => formatAge(lastSeen(row), now) },
      {
        header: 'TYPE',
        value: row => String(row['type'] ?? ''),
        paint: (text, row) => (row['type'] === 'Warning' ? io.out.bad(text) : text),
      },
      { header: 'REASON', value: row => String(row['reason'] ?? '') },
      { header: 'OBJECT', value: objectOf },
      { header: 'MESSAGE', value: row => String(row['message'] ?? '') },
    ],
  }
}

function eventRow(row: KubeObject): string {
  return printable(
    `${lastSeen(row) ?? ''}  ${row['type']}  ${row['reason']}  ${objectOf(row)}  ${String(row['message'] ?? '').replaceAll('\n', ' ')}`,
  )
}

function objectOf(row: KubeObject): string {
  return `${valueAt(row, ['involvedObject', 'kind'])}/${valueAt(row, ['involvedObject', 'name'])}`
}

function lastSeen(row: KubeObject): string | undefined {
  const times = [
    valueAt(row, ['series', 'lastObservedTime']),
    row['lastTimestamp'],
    row['eventTime'],
    row.metadata.creationTimestamp,
  ]
  return times.find(time => typeof time === 'string') as string | undefined
}
