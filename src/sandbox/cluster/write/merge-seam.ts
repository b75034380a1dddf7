// One place for what the write path needs of the merge rules.
export {
  applyJsonPatch,
  applyManaged,
  applyMergePatch,
  applyStrategicMergePatch,
  conflictMessage,
  mainFields,
  parseJsonPatch,
  statusFields,
  updateManaged,
} from '../../../kube/merge/index.ts'
