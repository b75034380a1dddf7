import { Environment } from '@marcbachmann/cel-js'
import { registerLibraries } from '../kube/structural/cel-libraries.ts'

let shared: Environment | undefined

/** What expressions of specs are compiled in: variables of any name, Kubernetes' libraries, bounded texts. */
export function celEnvironment(): Environment {
  shared ??= registerLibraries(
    new Environment({
      unlistedVariablesAreDyn: true,
      enableOptionalTypes: true,
      homogeneousAggregateLiterals: false,
      limits: { maxAstNodes: 5000, maxDepth: 100 },
    }),
  )
  return shared
}
