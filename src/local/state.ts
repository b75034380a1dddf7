import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../base/atomic-file.ts'

/** What a data folder remembers of its sandbox between runs. Ports are kept because repositories and kubeconfigs name them. */
export interface SandboxState {
  readonly clusterPort: number
  readonly forgePort: number
  /** Of the console; absent in folders of before there was one. */
  readonly serverPort?: number
  /** Owner of the fleet's repository on the forge. */
  readonly organization: string
  /** Whose token the sandbox uses. */
  readonly user: string
}

/** The files of a data folder. */
export function dataPaths(dataDir: string): {
  readonly state: string
  readonly lock: string
  readonly kubeconfig: string
  readonly token: string
  readonly cluster: string
  readonly forge: string
  readonly engine: string
  readonly server: string
} {
  const at = (...parts: string[]) => join(dataDir, ...parts)
  return {
    state: at('sandbox.json'),
    lock: at('sluice.lock'),
    kubeconfig: at('kubeconfig'),
    token: at('github.env'),
    cluster: at('cluster'),
    forge: at('forge'),
    engine: at('engine'),
    server: at('server'),
  }
}

export async function readSandboxState(dataDir: string): Promise<SandboxState | undefined> {
  try {
    return JSON.parse(await readFile(dataPaths(dataDir).state, 'utf8')) as SandboxState
  } catch {
    return undefined
  }
}

export async function writeSandboxState(dataDir: string, state: SandboxState): Promise<void> {
  await writeFileAtomic(dataPaths(dataDir).state, `${JSON.stringify(state, null, 2)}\n`)
}
