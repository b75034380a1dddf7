import type { TableColumns } from '../kinds/types.ts'
import { coreColumns } from './core-columns.ts'
import { policyColumns } from './policy-columns.ts'
import { workloadColumns } from './workload-columns.ts'

const all: Readonly<Record<string, TableColumns>> = { ...coreColumns, ...workloadColumns, ...policyColumns }

/** The columns of a builtin kind beside its name; undefined: the kind shows when it was created, and nothing else. */
export function builtinColumns(group: string, kind: string): TableColumns | undefined {
  return all[`${group}/${kind}`]
}
