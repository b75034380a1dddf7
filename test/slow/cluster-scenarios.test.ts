import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxCluster, startCluster } from '../../src/sandbox/index.ts'

const recorded = resolve('../shared/data/kube-scenarios')
const replayer = resolve('../shared/tools/kube-scenarios.mjs')

/** The names of the scenarios that do not pass, and how many do. */
interface Outcome {
  readonly failed: readonly string[]
  readonly passed: number
}

/** Replays every scenario recorded on a real API server; `exact` compares the texts of messages as well. */
async function replay(kubeconfig: string, exact: boolean): Promise<Outcome> {
  const args = [replayer, 'replay', '--recorded', recorded, '--kubeconfig', kubeconfig, '--parallel', '8']
  const child = spawn(process.execPath, exact ? args : [...args, '--ignore-messages'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  await new Promise(done => child.once('close', done))
  const passed = Number(/^(\d+) passed, \d+ failed/m.exec(text)?.[1] ?? 0)
  return { passed, failed: [...text.matchAll(/^FAIL (.*)$/gm)].map(match => match[1]!) }
}

/** Texts that carry a Go library's own wording; ours says the same in other words. */
const goWording = ['server-side-apply: apply body problems: kind, name, managed fields, version']

describe.skipIf(!existsSync(recorded) || !existsSync(replayer))('the recorded scenarios', () => {
  describe.each([
    { controllers: false, of: 'the API server alone' },
    { controllers: true, of: 'the cluster with its controllers' },
  ])('$of', ({ controllers }) => {
    let folder = ''
    let cluster: SandboxCluster
    let kubeconfig = ''
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sluice-scenarios-'))
      kubeconfig = join(folder, 'kubeconfig')
      cluster = await startCluster({ dataDir: join(folder, 'data'), kubeconfigPath: kubeconfig, controllers })
    })
    afterAll(async () => {
      await cluster.close()
      rmSync(folder, { recursive: true, force: true })
    })

    it('behaves as recorded', async () => {
      const { passed, failed } = await replay(kubeconfig, false)
      console.info(`${passed} scenarios pass, ${failed.length} do not`)
      // What controllers do beside a scenario is not in the recording, which was made without them.
      if (!controllers) expect(failed).toEqual([])
      expect(failed.length).toBeLessThanOrEqual(0.1 * (passed + failed.length))
      expect(passed).toBeGreaterThan(300)
    })

    it.skipIf(controllers)('says it in the recorded words', async () => {
      const { failed } = await replay(kubeconfig, true)
      expect(failed.filter(name => !goWording.includes(name))).toEqual([])
    })
  })
})
