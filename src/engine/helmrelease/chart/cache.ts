import { readFile } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import type { ArtifactFile } from '../../source/sources.ts'
import { type Chart, openChart } from './chart.ts'

/** Charts that were opened, by the digest of their artifact: many releases of one chart read it once. */
export class ChartCache {
  readonly #charts = new LRUCache<string, Chart>({ maxSize: 64 * 1024 * 1024, sizeCalculation: sizeOf })

  /** Opens the chart of an artifact. `revision` is that of an OCIRepository; see {@link openChart}. */
  async open(file: ArtifactFile, revision?: string): Promise<Chart> {
    const key = `${file.digest} ${revision ?? ''}`
    const known = this.#charts.get(key)
    if (known !== undefined) return known
    const chart = openChart(await readFile(file.path), revision)
    this.#charts.set(key, chart)
    return chart
  }
}

function sizeOf(chart: Chart): number {
  return chart.archive.length + 1024
}
