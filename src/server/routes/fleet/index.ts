import { applyFleetAdd, checkAdd, forgetAddPlan, planFleetAdd, readAddPlan, readAddStart } from './add.ts'
import { previewEdit, previewScale, startEdit, startScale } from './change.ts'
import { readCluster, readFile, readFleetRoute, readHistory } from './read.ts'

export const fleetRoutes = [
  readFleetRoute,
  readCluster,
  readHistory,
  readFile,
  previewScale,
  startScale,
  previewEdit,
  startEdit,
  readAddStart,
  checkAdd,
  planFleetAdd,
  applyFleetAdd,
  readAddPlan,
  forgetAddPlan,
]
