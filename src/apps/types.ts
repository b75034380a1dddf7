import type { ApplicationObject, EnvironmentObject, SpecProblem } from '../specs/index.ts'

/** Values of a chart: what YAML can say. */
export type Values = Record<string, unknown>

/** Which chart, exactly. */
export type ChartChoice =
  /** A reference chart of Sluice in the repository: `charts/web-service-1.2.0`. */
  | { readonly kind: 'Template'; readonly name: string; readonly version: string }
  /** One of a chart repository, by the name of its object in the system namespace. */
  | { readonly kind: 'Chart'; readonly repository: string; readonly name: string; readonly version: string }

/** An environment as Git says it. */
export interface Environment {
  readonly name: string
  readonly title: string
  readonly order: number
  readonly object: EnvironmentObject
}

/** Where an application stands that has a repository of its own, as the fleet's repository says it. */
export interface RepositoryPointer {
  /** Project of the application; grants are given by it. */
  readonly project: string
  /** Clone address, without credentials. */
  readonly url: string
  readonly branch: string
  /** The host's id of the repository: one that was made anew under the name is another. */
  readonly id: string
}

/** An application as Git says it. */
export interface Application {
  readonly name: string
  readonly title: string
  readonly project: string
  readonly definition: ApplicationObject
  /** Its own, where it has one; undefined when it is a path in the fleet's repository. */
  readonly repository: RepositoryPointer | undefined
  readonly chart: ChartChoice
  /** The values that every environment starts from. */
  readonly values: Values
  /** By the order of the environments. */
  readonly deployments: readonly Deployment[]
}

/** An application in an environment. */
export interface Deployment {
  readonly environment: string
  /** Namespace that it is released into. */
  readonly namespace: string
  /** Another chart than the base's; undefined when it follows the base. */
  readonly chartOverride: ChartChoice | undefined
  /** What differs from the base's values: a merge patch, in which null takes a key away. */
  readonly override: Values
  /** The chart that is released. */
  readonly chart: ChartChoice
  /** Base with the override applied: what helm is given. */
  readonly values: Values
  readonly suspended: boolean
}

/** A folder that cannot be read as an application; the others are shown all the same. */
export interface BrokenApplication {
  readonly name: string
  readonly problems: readonly SpecProblem[]
}
