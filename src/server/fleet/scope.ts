import type { Scope } from '../../access/index.ts'

/** Rights on clusters: the fleet is a project, each cluster an environment of it. */
export const fleetProject = 'fleet'

export function fleetScope(cluster: string): Scope {
  return { project: fleetProject, environment: cluster }
}
