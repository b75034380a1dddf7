import type { KindStats } from '../../insight/stats.ts'
import { withCluster } from '../connect.ts'
import { type ListView, printList } from '../output/result.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
} from './command.ts'

interface StatsOptions extends ClusterOptions {
  readonly output?: OutputFormat
}

export const registerStats: RegisterCommand = (program, { io }) => {
  addClusterOptions(program.command('stats'))
    .description('Count what runs, fails and is suspended, by kind')
    .addOption(outputOption('json', 'yaml', 'name'))
    .addHelpText('after', examples([['sluice stats', 'one line a kind']]))
    .action(async (options: StatsOptions) => {
      const { readStats } = await import('../../insight/stats.ts')
      const rows = await withCluster(options, io, ({ client }) => readStats(client, io.signal))
      const view: ListView<KindStats> = {
        empty: 'No kinds of Flux.',
        name: row => row.kind.toLowerCase(),
        columns: [
          { header: 'RECONCILERS', value: row => row.kind },
          { header: 'RUNNING', value: row => row.running },
          {
            header: 'FAILING',
            value: row => row.failing,
            paint: (text, row) => (row.failing > 0 ? io.out.bad(text) : text),
          },
          {
            header: 'SUSPENDED',
            value: row => row.suspended,
            paint: (text, row) => (row.suspended > 0 ? io.out.attention(text) : text),
          },
          { header: 'STORAGE', value: row => (row.storageBytes === undefined ? '-' : sizeText(row.storageBytes)) },
        ],
      }
      printList(io, rows, view, options.output)
    })
}

/** `0 B`, `1.5 KiB`, `12.0 MiB`. */
function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${units[power]}`
}
