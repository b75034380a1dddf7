import type { EngineContext } from '../context.ts'
import type { Sources } from './sources.ts'
import type { ArtifactStorage } from './storage/storage.ts'

/** What the reconcile of sources needs beside the engine itself. */
export interface SourceContext extends EngineContext {
  readonly storage: ArtifactStorage
  /** The other sources: for includes and for charts out of them. */
  readonly sources: Sources
}
