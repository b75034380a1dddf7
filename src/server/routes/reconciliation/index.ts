import { reconcileObject, resumeObject, suspendObject } from './act.ts'
import { diffObject, readObject, whyObject } from './detail.ts'
import { listEvents, listObjects, readGraph, readReconciliation } from './read.ts'

export const reconciliationRoutes = [
  readReconciliation,
  listObjects,
  readGraph,
  listEvents,
  readObject,
  diffObject,
  whyObject,
  suspendObject,
  resumeObject,
  reconcileObject,
]
