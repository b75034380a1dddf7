import { expect, test } from 'vitest'
import { digestValues } from './digest.ts'

// The expected digests are those of fluxcd/pkg's own tests (chartutil/digest_test.go).
const image = { tag: 'latest', repository: 'nginx' }
const ports = [
  { protocol: 'TCP', port: 8080 },
  { port: 9090, protocol: 'UDP' },
]

test.each([
  ['no values', {}, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['nothing', undefined, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['a table', { replicas: 3, image, ports }, 'fcdc2b0de1581a3633ada4afee3f918f6eaa5b5ab38c3fef03d5b48d3f85d9f6'],
  ['another order', { ports, image, replicas: 3 }, 'fcdc2b0de1581a3633ada4afee3f918f6eaa5b5ab38c3fef03d5b48d3f85d9f6'],
  [
    'keys that look like numbers',
    {
      replicas: 3,
      test: {
        '632bd82398e71231a98004b6': 'value4',
        '632bd817c559818a52307da2': 'value3',
        '632bd80ddf416cf32fd50679': 'value2',
        '632bd80235a05f4192aefade': 'value1',
      },
    },
    '8a980fcbeadd6f05818f07e8aec14070c22250ca3d96af1fcd5f93b3e85b4d70',
  ],
])('the digest of %s is the one that Flux writes', (_name, values, digest) => {
  expect(digestValues(values)).toBe(`sha256:${digest}`)
})
