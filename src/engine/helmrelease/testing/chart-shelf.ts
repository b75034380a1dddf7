import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ArtifactFile, SourceKindName, SourceObject, Sources } from '../../source/sources.ts'
import { writeArchive } from '../chart/archive.ts'

/** Files of a chart by their path in it. */
export type ChartFiles = Readonly<Record<string, string>>

/** A chart archive: `Chart.yaml` is made of the name and version, the rest is as given. */
export function packChart(name: string, version: string, files: ChartFiles): Buffer {
  const all: ChartFiles = {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: ${version}\nappVersion: "1.0"\n`,
    ...files,
  }
  return writeArchive(
    Object.entries(all).map(([path, text]) => ({ path: `${name}/${path}`, bytes: Buffer.from(text) })),
  )
}

/** Charts as sources offer them: files on disk behind objects with artifacts. */
export class ChartShelf implements Pick<Sources, 'find' | 'file' | 'refetch' | 'onArtifact'> {
  readonly #dir: string
  readonly #sources = new Map<string, { source: SourceObject; file: ArtifactFile }>()
  readonly #listeners = new Set<(source: SourceObject) => void>()

  constructor(dir: string) {
    this.#dir = dir
    mkdirSync(dir, { recursive: true })
  }

  /** Offers an archive under a name; who releases it hears of it. */
  put(kind: SourceKindName, name: string, revision: string, archive: Buffer, namespace = 'apps'): void {
    const hex = createHash('sha256').update(archive).digest('hex')
    const path = join(this.#dir, `${hex}.tgz`)
    writeFileSync(path, archive)
    const file = { path, digest: `sha256:${hex}`, size: archive.length, revision }
    const source = {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind,
      metadata: { name, namespace, generation: 1 },
      status: {
        observedGeneration: 1,
        artifact: { digest: file.digest, revision, path, url: '', lastUpdateTime: '2026-01-01T00:00:00Z' },
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    } as unknown as SourceObject
    this.#sources.set(`${kind}/${namespace}/${name}`, { source, file })
    for (const listener of [...this.#listeners]) listener(source)
  }

  find(kind: SourceKindName, namespace: string, name: string): SourceObject | undefined {
    return this.#sources.get(`${kind}/${namespace}/${name}`)?.source
  }

  async file(source: SourceObject): Promise<ArtifactFile | undefined> {
    return this.#sources.get(`${source.kind}/${source.metadata.namespace}/${source.metadata.name}`)?.file
  }

  refetch(): void {}

  onArtifact(listener: (source: SourceObject) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
