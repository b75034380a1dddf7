import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KubeObject } from '../../src/kube/object.ts'
import type { LocalFixture } from './local-fixture.ts'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** An engine that runs as the kubelet would run it: with the Pod's arguments, account and environment, and nothing else. */
export interface PodEngine {
  readonly said: () => string
  /** Resolves when it has said this; rejects with what it said when it ends first. */
  waitFor(words: string): Promise<void>
  readonly ended: Promise<number | null>
  kill(signal: NodeJS.Signals): void
}

/** Starts the container of a Pod of the Deployment as a process. Addresses become free ones, `/data` a folder. */
export async function startPodEngine(
  { system, dataDir }: LocalFixture,
  pod: KubeObject,
  more: readonly string[] = [],
): Promise<PodEngine> {
  const { name = '', namespace = '' } = pod.metadata
  const [container] = (pod['spec'] as { containers: { args: string[]; env: { name: string; value?: string }[] }[] })
    .containers
  const account = await accountFolder(system, namespace, join(dataDir, `account-${name}`))
  const data = join(dataDir, `data-${name}`)
  const args = container!.args.map(arg =>
    arg === '--data=/data' ? `--data=${data}` : arg.replace(/-addr=:\d+$/, '-addr=127.0.0.1:0'),
  )
  const { hostname, port } = new URL(system.cluster.url)
  const child = spawn(process.execPath, [main, ...args, ...more], {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    // No HOME: git and the engine must not need one.
    env: {
      PATH: process.env['PATH'] ?? '',
      SLUICE_LOG: 'info',
      POD_NAME: name,
      POD_NAMESPACE: namespace,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      SLUICE_SERVICE_ACCOUNT_DIR: account,
    },
  })
  let said = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      said += String(chunk)
      for (const listener of listeners) listener()
    })
  const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  const waitFor = (words: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!said.includes(words)) return
        listeners.delete(look)
        resolve()
      }
      listeners.add(look)
      void ended.then(() => reject(new Error(`it ended without ${words}:\n${said}`)))
      look()
    })
  return { said: () => said, waitFor, ended, kill: signal => void child.kill(signal) }
}

/** What the kubelet mounts: a token of the account, by the TokenRequest API, and the authority. */
async function accountFolder(
  { client, cluster }: LocalFixture['system'],
  namespace: string,
  folder: string,
): Promise<string> {
  const answer = await client.request<{ status: { token: string } }>({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/sluice-engine/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } },
  })
  const { token } = answer.status
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'token'), token, { mode: 0o600 })
  await writeFile(join(folder, 'ca.crt'), cluster.caPem)
  await writeFile(join(folder, 'namespace'), namespace)
  return folder
}
