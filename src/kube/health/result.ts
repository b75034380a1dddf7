import type { Health } from './types.ts'

export function current(message: string): Health {
  return { status: 'Current', reason: '', message }
}

export function inProgress(reason: string, message: string): Health {
  return { status: 'InProgress', reason, message }
}

export function failed(reason: string, message: string): Health {
  return { status: 'Failed', reason, message }
}
