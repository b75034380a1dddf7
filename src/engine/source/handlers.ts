import { bucketHandler } from './bucket/handler.ts'
import { externalArtifactHandler } from './external/handler.ts'
import { gitRepositoryHandler } from './git/handler.ts'
import type { SourceHandler } from './handler.ts'
import { helmChartHandler } from './helm/chart-handler.ts'
import { helmRepositoryHandler } from './helm/repository-handler.ts'
import { ociRepositoryHandler } from './oci/handler.ts'

/** How each kind of source is brought up to date, by its name. */
export function sourceHandlers(
  featureGates: Readonly<Record<string, boolean>> = {},
): ReadonlyMap<string, SourceHandler> {
  const handlers: SourceHandler[] = [
    gitRepositoryHandler,
    ociRepositoryHandler,
    bucketHandler,
    helmRepositoryHandler,
    helmChartHandler,
  ]
  if (featureGates['ExternalArtifact']) handlers.push(externalArtifactHandler)
  return new Map(handlers.map(handler => [handler.kind, handler]))
}
