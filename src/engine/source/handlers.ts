import { gitRepositoryHandler } from './git/handler.ts'
import type { SourceHandler } from './handler.ts'

/** How each kind of source is brought up to date, by its name. */
export function sourceHandlers(
  _featureGates: Readonly<Record<string, boolean>> = {},
): ReadonlyMap<string, SourceHandler> {
  const handlers: SourceHandler[] = [gitRepositoryHandler]
  return new Map(handlers.map(handler => [handler.kind, handler]))
}
