import { listForges } from './forges.ts'
import { moveFleet, planFleetMove } from './move.ts'
import { connectionHistory, listConnections, proveConnection, readConnection, readGate } from './read.ts'
import { bindConnection, createConnection, removeConnection, setDefaultConnection, updateConnection } from './save.ts'
import { lookUpOwner, validateConnection } from './validate.ts'
import { callWebhook, makeWebhook, readWebhook } from './webhook.ts'
import { planWebhook, registerWebhook, unregisterWebhook } from './webhook-host.ts'

export const connectionRoutes = [
  listForges,
  listConnections,
  readConnection,
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
  readWebhook,
  makeWebhook,
  planWebhook,
  registerWebhook,
  unregisterWebhook,
  callWebhook,
]
