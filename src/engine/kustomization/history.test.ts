import { expect, test } from 'vitest'
import { withResult } from './history.ts'

const result = (digest: string, status = 'ReconciliationSucceeded', second = 0) => ({
  digest,
  status,
  revision: 'main@sha1:x',
  at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
  durationMs: 1234.4,
})

test('an equal result is counted up and comes first, and five are kept', () => {
  let history = withResult(undefined, result('a'))
  history = withResult(history, result('b', 'BuildFailed', 1))
  history = withResult(history, result('a', 'ReconciliationSucceeded', 2))
  expect(history).toEqual([
    {
      digest: 'a',
      firstReconciled: '2026-01-01T00:00:00Z',
      lastReconciled: '2026-01-01T00:00:02Z',
      lastReconciledDuration: '1.234s',
      lastReconciledStatus: 'ReconciliationSucceeded',
      metadata: { revision: 'main@sha1:x' },
      totalReconciliations: 2,
    },
    expect.objectContaining({ digest: 'b', totalReconciliations: 1 }),
  ])
  for (const digest of ['c', 'd', 'e', 'f']) history = withResult(history, result(digest))
  expect(history.map(({ digest }) => digest)).toEqual(['f', 'e', 'd', 'c', 'a'])
})
