import type { TableColumns } from '../kinds/types.ts'
import type { CrdColumn } from './crd.ts'

/** Printer columns of a custom resource; undefined: name and age. */
export function customColumns(_columns: readonly CrdColumn[] | undefined): TableColumns | undefined {
  return undefined
}
