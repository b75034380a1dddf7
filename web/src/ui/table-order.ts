export interface SortBy {
  readonly column: string
  readonly descending: boolean
}

export type SortValue = string | number | undefined

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Sorted copies: numbers by size, words as people sort them, what has no value last in both directions. Stable. */
export function sortRows<R>(rows: readonly R[], value: (row: R) => SortValue, descending: boolean): R[] {
  return rows
    .map((row, index) => ({ row, index, value: value(row) }))
    .sort((a, b) => {
      if (a.value === undefined || b.value === undefined) {
        return a.value === b.value ? a.index - b.index : a.value === undefined ? 1 : -1
      }
      const order =
        typeof a.value === 'number' && typeof b.value === 'number'
          ? a.value - b.value
          : words.compare(String(a.value), String(b.value))
      return order === 0 ? a.index - b.index : descending ? -order : order
    })
    .map(entry => entry.row)
}

/**
 * Live rows in the order in which they stand: values change, nothing moves, new rows come at the end.
 * A row that is gone keeps its place until the order is let go; `gone` says which these are.
 */
export function holdOrder<R>(
  standing: readonly R[],
  rows: readonly R[],
  key: (row: R) => string,
): { readonly rows: R[]; readonly gone: ReadonlySet<string> } {
  const fresh = new Map(rows.map(row => [key(row), row]))
  const gone = new Set<string>()
  const held = standing.map(row => {
    const id = key(row)
    const now = fresh.get(id)
    if (now === undefined) gone.add(id)
    fresh.delete(id)
    return now ?? row
  })
  return { rows: [...held, ...fresh.values()], gone }
}
