import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

interface Covered {
  readonly fault: string
  /** `file > words of a test or row in it`. */
  readonly by: readonly string[]
  /** What cannot be tested here, and why. */
  readonly without?: string
}

const here = 'test/slow/faults'

/** Every row of the fault table, and the tests that print or check what survived. */
const rows: readonly Covered[] = [
  {
    fault: 'F1 kill -9 at every effect',
    by: [
      `${here}/process.test.ts > F1 SIGKILL before each effect`,
      'test/clients/helm-release.test.ts > that is killed',
    ],
  },
  { fault: 'F2 kill -9 during bootstrap', by: ['test/slow/bootstrap-kill.test.ts > killed with SIGKILL'] },
  {
    fault: 'F3 power loss',
    by: [`${here}/machine.test.ts > F3, F32 every file`],
    without: 'writes that the disk had acknowledged and lost: their result, files of other content, is what is tested',
  },
  { fault: 'F4 API server restart', by: [`${here}/api-server.test.ts > F4 restarted`] },
  { fault: 'F5 410 Gone', by: [`${here}/api-server.test.ts > F5 410 Gone`] },
  { fault: 'F6 watch ends, half-open', by: [`${here}/api-server.test.ts > F6 half-open`] },
  {
    fault: 'F7 watch events twice, out of order',
    by: [
      `${here}/api-server.test.ts > F7 `,
      'src/kube/watch/informer.integration.test.ts > duplicates and events out of order',
    ],
  },
  { fault: 'F8 409 of a competing writer', by: [`${here}/content.test.ts > F8 a competing writer`] },
  { fault: 'F9 429, 5xx', by: [`${here}/api-server.test.ts > F9 429`] },
  { fault: 'F10 API server that never answers', by: [`${here}/api-server.test.ts > F10, F11, F13`] },
  { fault: 'F11 401, 403', by: [`${here}/api-server.test.ts > F10, F11, F13`] },
  { fault: 'F12 discovery fails', by: [`${here}/api-server.test.ts > F12 discovery`] },
  { fault: 'F13 admission denies or times out', by: [`${here}/api-server.test.ts > F10, F11, F13`] },
  { fault: 'F14 git cut at byte k', by: [`${here}/git-host.test.ts > F14 connection dropped`] },
  { fault: 'F15 pack with a turned bit', by: ['src/engine/source/faults.integration.test.ts > broken transfers'] },
  { fault: 'F16 login page, SSO', by: [`${here}/git-host.test.ts > F16, F18 login page`] },
  { fault: 'F17 force-push', by: [`${here}/git-host.test.ts > F17 force-push`] },
  { fault: 'F18 branch or repository gone', by: [`${here}/git-host.test.ts > F18 branch deleted`] },
  { fault: 'F19 path emptied', by: [`${here}/git-host.test.ts > F19 path emptied`] },
  { fault: 'F20 token expired, rotated', by: [`${here}/git-host.test.ts > F20 `] },
  {
    fault: 'F21 host key, certificate',
    by: [
      'src/git/host-keys.integration.test.ts > refused when they change',
      'src/kube/client/call.integration.test.ts > refuses unknown authorities, expired certificates and other names',
      'src/git/tls.integration.test.ts > is refused by git before the credential is sent',
    ],
  },
  { fault: 'F22 disk full', by: [`${here}/process.test.ts > F22 no file above`, `${here}/machine.test.ts > F22, F23`] },
  {
    fault: 'F23 inodes, descriptors, read-only',
    by: [`${here}/machine.test.ts > F22, F23`, `${here}/machine.test.ts > F23 few descriptors`],
    without: 'EIO of a single call: it takes a preloaded library; a read-only and a full file system are tested',
  },
  { fault: 'F24 memory cap', by: [`${here}/machine.test.ts > F24 input too large`] },
  { fault: 'F25 clock jumps', by: [`${here}/content.test.ts > F25 the clock jumps`] },
  { fault: 'F26 two engines', by: [`${here}/process.test.ts > F26 two engines`] },
  {
    fault: 'F27 DNS, proxies, IPv6',
    by: [
      `${here}/machine.test.ts > F27 a name`,
      'src/credentials/binding.integration.test.ts > rewrites, includes, proxies',
    ],
  },
  {
    fault: 'F28 partial answers of a Git host',
    by: [
      'src/forges/github/forge.integration.test.ts > waits for a new repository until the host shows it',
      'src/forges/rate-limit.test.ts > secondary limit',
    ],
  },
  {
    fault: 'F29 state of another version',
    by: [`${here}/machine.test.ts > another version`],
    without: 'state of an earlier release: there is none before this one',
  },
  {
    fault: 'F30 SIGTERM',
    by: [`${here}/machine.test.ts > F30 SIGTERM`, 'test/loop/up.test.ts > stops cleanly on Ctrl-C'],
  },
  {
    fault: 'F31 console while the server restarts',
    by: [
      'test/browser/restart.test.ts > is said to be away, loses nothing that was typed',
      'src/server/applications.integration.test.ts > are changed once, although the server was killed',
    ],
  },
  {
    fault: 'F32 store truncated or garbled',
    by: [
      `${here}/machine.test.ts > F3, F32 every file`,
      'src/secrets/store.test.ts > does not open when a sealed byte',
    ],
  },
]

test('every row of the fault table is listed, with a test that is there or the reason why there is none', async () => {
  expect(rows.map(({ fault }) => fault.split(' ')[0])).toEqual(Array.from({ length: 32 }, (_, at) => `F${at + 1}`))
  for (const { fault, by, without } of rows) {
    expect(by.length > 0 || without !== undefined, fault).toBe(true)
    for (const reference of by) {
      const [path = '', words = ''] = reference.split(' > ')
      expect(await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8'), fault).toContain(words)
    }
  }
  const lines = rows.map(
    ({ fault, by, without }) =>
      `  ${fault.padEnd(40)} ${by.length} tests${without === undefined ? '' : `; not: ${without}`}`,
  )
  const tested = rows.filter(({ by }) => by.length > 0).length
  process.stdout.write(`\nFault table: ${tested} of ${rows.length} rows tested\n${lines.join('\n')}\n`)
})
