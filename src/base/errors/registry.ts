import { appsErrors } from './apps.ts'
import { bootstrapErrors } from './bootstrap.ts'
import { cliErrors } from './cli.ts'
import { clusterErrors } from './cluster.ts'
import { connectionErrors } from './connections.ts'
import { credentialErrors } from './credentials.ts'
import type { ErrorEntry } from './define.ts'
import { eksctlErrors } from './eksctl.ts'
import { engineErrors } from './engine.ts'
import { fleetErrors } from './fleet.ts'
import { fluxErrors } from './flux.ts'
import { forgeErrors } from './forge.ts'
import { generalErrors } from './general.ts'
import { gitErrors } from './git.ts'
import { gitOpsErrors } from './gitops.ts'
import { kubeErrors } from './kube.ts'
import { kustomizeErrors } from './kustomize.ts'
import { layoutErrors } from './layout.ts'
import { machinesErrors } from './machines.ts'
import { mergeErrors } from './merge.ts'
import { serverErrors } from './server.ts'
import { sopsErrors } from './sops.ts'
import { specsErrors } from './specs.ts'
import { structuralErrors } from './structural.ts'
import { toolsErrors } from './tools.ts'

/** Every error that Sluice can report, by area: the only list. */
export const errorAreas = {
  general: generalErrors,
  kube: kubeErrors,
  merge: mergeErrors,
  structural: structuralErrors,
  git: gitErrors,
  specs: specsErrors,
  layout: layoutErrors,
  kustomize: kustomizeErrors,
  sops: sopsErrors,
  forge: forgeErrors,
  credentials: credentialErrors,
  engine: engineErrors,
  bootstrap: bootstrapErrors,
  flux: fluxErrors,
  fleet: fleetErrors,
  gitops: gitOpsErrors,
  eksctl: eksctlErrors,
  cluster: clusterErrors,
  machines: machinesErrors,
  tools: toolsErrors,
  apps: appsErrors,
  connections: connectionErrors,
  server: serverErrors,
  cli: cliErrors,
} as const

const all = Object.assign({}, ...Object.values(errorAreas)) as Record<ErrorCode, ErrorEntry>

type CodesOf<T> = T extends object ? Extract<keyof T, `E_${string}`> : never

/** A stable error code. Codes are never renamed and never reused. */
export type ErrorCode = CodesOf<(typeof errorAreas)[keyof typeof errorAreas]>

/** The registry's entry of a code. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return all[code]
}

/** All codes, sorted. */
export function errorCodesSorted(): ErrorCode[] {
  return (Object.keys(all) as ErrorCode[]).sort()
}
