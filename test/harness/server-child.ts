import { systemClock } from '../../src/base/clock.ts'
import { createKubeClient, loadKubeConfig } from '../../src/kube/client/index.ts'
import { Secret } from '../../src/secrets/secret.ts'
import { startServer } from '../../src/server/index.ts'

// A server as a process of its own, which can be killed. What it is started with comes in its environment.
const { TEST_DATABASE = '', TEST_KEY = '', TEST_KUBECONFIG = '', TEST_DATA = '', TEST_BEAT = '' } = process.env
const access = await loadKubeConfig({ path: TEST_KUBECONFIG, env: {} })
const server = await startServer({
  dataDir: TEST_DATA,
  host: '127.0.0.1',
  port: 0,
  ...(TEST_DATABASE === '' ? {} : { databaseUrl: Secret.of(TEST_DATABASE) }),
  keys: [{ name: 'test', key: Secret.of(TEST_KEY) }],
  client: createKubeClient(access, { userAgent: 'test' }),
  beatEveryMs: Number(TEST_BEAT),
  clock: systemClock,
})
process.send?.({ url: server.localUrl, id: server.context.serverId, setupUrl: server.setupUrl })
