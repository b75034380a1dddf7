import type { ComponentType } from 'react'

/** Parts of the top bar that belong to a page's subject; each in a chunk of its own, absent until that subject exists. */
export const topBarSlots: {
  /** Chooses the environment that the pages show. */
  readonly environment?: () => Promise<ComponentType>
  /** The dot that says whether the Git connections are proven. */
  readonly health?: () => Promise<ComponentType>
} = {
  health: async () => (await import('./gitops/health-dot.tsx')).HealthDot,
}
