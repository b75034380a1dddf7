import type { ObjectRef } from '../../kube/identity.ts'

/** How an object stands, for people: what needs somebody first. */
export type GraphState = 'broken' | 'attention' | 'moving' | 'paused' | 'agreed'

/** From what needs somebody to what does not. */
export const graphStates: readonly GraphState[] = ['broken', 'attention', 'moving', 'paused', 'agreed']

/** Somebody else than the engine who wrote an object after the engine did. */
export interface Touch {
  /** Field manager. */
  readonly manager: string
  /** RFC 3339. */
  readonly at: string
}

/** Where an object belongs, by its labels and those of what applied it; undefined parts: nowhere. */
export interface Place {
  readonly project?: string
  readonly environment?: string
}

/** One object of the graph. */
export interface GraphNode {
  readonly key: string
  readonly ref: ObjectRef
  readonly role: 'source' | 'applier' | 'notification' | 'object'
  readonly state: GraphState
  /** The exact word: `Ready`, `Failed`, `Missing`, `Waits`. */
  readonly word: string
  /** Why, when it is not agreed. From outside. */
  readonly message?: string
  readonly revision?: string
  /** Since when it is as it is. */
  readonly since?: string
  readonly suspended: boolean
  readonly place: Place
  /** What applied it. */
  readonly owner?: string
  /** Where it takes its files or chart from. */
  readonly source?: string
  readonly dependsOn: readonly string[]
  /** What it applied. */
  readonly children: readonly string[]
  readonly touched?: Touch
  /** Where a source gets things from, without credentials; the folder of a Kustomization; the chart of a release. */
  readonly from?: string
}

/** The graph at one moment. */
export interface GraphSnapshot {
  readonly nodes: ReadonlyMap<string, GraphNode>
  /** False while some kind has not been read once. */
  readonly complete: boolean
}
