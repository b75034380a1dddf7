import { type CheckLine, checkToken, probeForge } from '../forges/index.ts'
import type { TokenTarget } from '../forges/types.ts'
import { preflight } from './checks.ts'
import type { Fleet } from './fleet-input.ts'
import type { BootstrapContext } from './types.ts'

/** What is looked at: a fleet with its path and cluster, or a repository alone. */
export type DiagnosisSubject = { readonly fleet: Fleet } | { readonly target: TokenTarget }

export type DiagnosisContext = DiagnosisSubject &
  Pick<BootstrapContext, 'forge' | 'clock' | 'signal'> &
  Partial<Pick<BootstrapContext, 'client' | 'dataDir'>> & {
    /** Whether pushing is tried for real after checks that did not fail: the only thing here that writes. */
    readonly probe: boolean
  }

/** The whole list of checks, one line after another as each is known. Writes nothing but what `probe` asks for. */
export async function* diagnose(context: DiagnosisContext): AsyncGenerator<CheckLine> {
  const { forge, signal, clock } = context
  const target = 'fleet' in context ? targetOf(context.fleet) : context.target
  const lines = 'fleet' in context ? preflight(context) : checkToken(forge, target, signal)
  let failed: CheckLine | undefined
  for await (const line of lines) {
    failed ??= line.status === 'fail' && !line.id.startsWith('cluster.') ? line : undefined
    yield line
  }
  if (!context.probe) return
  if (failed) {
    yield {
      id: 'probe',
      title: 'a commit can be pushed and read back',
      status: 'not-run',
      ms: 0,
      detail: `waits for: ${failed.title}`,
    }
    return
  }
  yield* probeForge(forge, target, { signal, clock })
}

function targetOf({ owner, personal, repository, branch }: Fleet): TokenTarget {
  return { owner, personal, repository, branch }
}
