import type { LucideIcon } from 'lucide-react'

/** One thing that the palette leads to or does. */
export interface PaletteEntry {
  readonly id: string
  readonly title: string
  /** Beside the title, quieter: the kind, the environment, the age. */
  readonly detail?: string
  readonly icon?: LucideIcon
  /** Other words that it is found by. */
  readonly words?: readonly string[]
  readonly run: { readonly to: string } | (() => void)
}

/** Where entries come from. Those of the server's search are in `pages/palette.ts`. */
export interface PaletteSource {
  readonly id: string
  /** The heading over its entries: "Applications". */
  readonly title: string
  /** What fits `text`; best first, a dozen at most. An empty text asks for what is worth showing before typing. */
  readonly find: (text: string, signal: AbortSignal) => readonly PaletteEntry[] | Promise<readonly PaletteEntry[]>
}

const sources = new Map<string, PaletteSource>()

/** Adds a source; another of the same id takes its place. */
export function addPaletteSource(source: PaletteSource): () => void {
  sources.set(source.id, source)
  return () => {
    if (sources.get(source.id) === source) sources.delete(source.id)
  }
}

export const paletteSources = (): readonly PaletteSource[] => [...sources.values()]

/** Entries whose title or words hold every word of `text`; those whose title begins with it first. */
export function filterEntries(entries: readonly PaletteEntry[], text: string): readonly PaletteEntry[] {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean)
  const rank = (entry: PaletteEntry): number | undefined => {
    const title = entry.title.toLowerCase()
    const all = [title, entry.detail ?? '', ...(entry.words ?? [])].join(' ').toLowerCase()
    if (!parts.every(part => all.includes(part))) return undefined
    return title.startsWith(parts[0] ?? '') ? 0 : title.includes(parts[0] ?? '') ? 1 : 2
  }
  return entries
    .map(entry => ({ entry, rank: rank(entry) }))
    .filter((e): e is { entry: PaletteEntry; rank: number } => e.rank !== undefined)
    .sort((a, b) => a.rank - b.rank)
    .map(e => e.entry)
}
