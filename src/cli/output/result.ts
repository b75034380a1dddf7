import { stringifyYaml } from '../../kube/yaml/index.ts'
import type { OutputFormat } from '../commands/command.ts'
import { type CliIo, print } from '../io.ts'
import { type Column, renderTable } from './table.ts'

/** How a list of rows is shown in each output format. */
export interface ListView<Row> {
  readonly columns: readonly Column<Row>[]
  /** `kind/name`, for `-o name`. */
  readonly name: (row: Row) => string
  /** What `-o json` and `-o yaml` print for a row; the row itself when absent. */
  readonly data?: (row: Row) => unknown
  /** Said on standard error when there are no rows. */
  readonly empty: string
}

/** Prints rows as a table, or in the format that was asked for. */
export function printList<Row>(io: CliIo, rows: readonly Row[], view: ListView<Row>, format?: OutputFormat): void {
  if (format === 'json' || format === 'yaml') {
    printData(io, { items: rows.map(row => view.data?.(row) ?? row) }, format)
    return
  }
  if (format === 'name') {
    for (const row of rows) print(io, view.name(row))
    return
  }
  if (rows.length === 0) io.stderr.write(`${view.empty}\n`)
  else print(io, renderTable(rows, view.columns, { wide: format === 'wide' }))
}

/** Prints one document. */
export function printData(io: CliIo, data: unknown, format: 'json' | 'yaml'): void {
  print(io, format === 'json' ? JSON.stringify(data, null, 2) : stringifyYaml(JSON.parse(JSON.stringify(data))))
}
