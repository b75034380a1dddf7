import { listForges } from './forges.ts'
import { moveFleet, planFleetMove } from './move.ts'
import { connectionHistory, listConnections, proveConnection, readGate } from './read.ts'
import { bindConnection, createConnection, removeConnection, setDefaultConnection, updateConnection } from './save.ts'
import { lookUpOwner, validateConnection } from './validate.ts'
import { callWebhook, makeWebhook } from './webhook.ts'

export const connectionRoutes = [
  listForges,
  listConnections,
  validateConnection,
  lookUpOwner,
  createConnection,
  updateConnection,
  removeConnection,
  setDefaultConnection,
  bindConnection,
  connectionHistory,
  proveConnection,
  readGate,
  planFleetMove,
  moveFleet,
  makeWebhook,
  callWebhook,
]
