export { checkDraft } from './check-draft.ts'
export { Connections, type SaveConnection, tokenCredential } from './connections.ts'
export { connectionFor, type Gate, gateFor, requireOpenGate } from './gate.ts'
export { type OpenOptions, openConnection } from './open.ts'
export { outcomeOf, prove } from './prove.ts'
export { isDue, nextProofAfter, plainStateOf, stateOf } from './state.ts'
export { namesOfTarget, repositoryNameFor, shownHost } from './target.ts'
export type {
  Connection,
  ConnectionCredential,
  ConnectionDraft,
  ConnectionSettings,
  ConnectionState,
  Proof,
} from './types.ts'
