import { builtinTable } from './builtin-table.generated.ts'

/** What a field may hold: a code, or a code with extras. */
export type FieldCode = string | readonly [code: string, extras: FieldExtras]

export interface FieldExtras {
  /** List type. */
  readonly l?: 'atomic' | 'set' | 'map'
  /** Keys of a list of type map. */
  readonly k?: readonly string[]
  /** Map type. */
  readonly m?: 'atomic' | 'granular'
  /** Patch strategy. */
  readonly p?: string
  /** Patch merge key. */
  readonly g?: string
  readonly e?: readonly string[]
  readonly d?: string
}

/** A definition: its name and either a code (an alias) or its fields with what else is known. */
export type Definition =
  | readonly [name: string, code: string]
  | readonly [
      name: string,
      fields: Readonly<Record<string, FieldCode>>,
      rest: { readonly r?: readonly string[]; readonly m?: 'atomic' | 'granular' },
    ]

export interface ResourceRow {
  readonly n: string
  readonly k: string
  readonly s: string
  readonly c?: 1
  readonly v: readonly string[]
  readonly a?: readonly string[]
  readonly t?: readonly string[]
  readonly u?: readonly (readonly [
    name: string,
    kind: string | undefined,
    group: string | undefined,
    version: string | undefined,
    verbs: readonly string[],
  ])[]
}

/**
 * The table. Codes: `s` string, `b` boolean, `i` int32, `l` int64, `n` number, `B` bytes, `t` time, `x` integer or string,
 * `q` quantity, `o` any object, `*` anything, `[c` list of c, `{c` map of c, `#n` definition number n.
 */
export interface BuiltinTable {
  readonly defs: readonly Definition[]
  readonly kinds: readonly (readonly [group: string, version: string, kind: string, definition: number])[]
  readonly resources: readonly (readonly [
    group: string,
    versions: readonly (readonly [version: string, resources: readonly ResourceRow[]])[],
  ])[]
}

let table: BuiltinTable | undefined

/** The table, parsed when it is first asked for. */
export function openTable(): BuiltinTable {
  table ??= JSON.parse(builtinTable) as BuiltinTable
  return table
}
