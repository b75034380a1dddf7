import type { Leaf } from '../leaf.ts'

/** How a file is laid out. */
export type Format = 'yaml' | 'json' | 'dotenv' | 'binary' | 'ini'

/** A file whose values can be opened or sealed in place. */
export interface Sheet {
  /** The `sops` block in JSON form; undefined when there is none. */
  readonly metadata: unknown
  /** Every value in the order of the file, without those of the block. */
  leaves(): Leaf[]
  /** The file without a block. */
  plain(): Buffer
  /** The file with this block. */
  sealed(block: Readonly<Record<string, unknown>>): Buffer
}

/** The format of a path by its ending, as Flux and SOPS tell it. */
export function formatOf(path: string): Format {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (/\.ya?ml$/.test(name)) return 'yaml'
  if (name.endsWith('.json')) return 'json'
  if (name.endsWith('.env')) return 'dotenv'
  return name.endsWith('.ini') ? 'ini' : 'binary'
}
