import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import type { EngineContext } from '../context.ts'
import type { Sources } from '../source/sources.ts'
import type { ChartCache } from './chart/cache.ts'
import type { Helm } from './helm/helm.ts'
import type { ReadValues } from './values/collect.ts'

/** What the reconcile of HelmReleases needs beside the engine itself. */
export interface HelmReleaseContext {
  readonly engine: EngineContext
  readonly sources: Pick<Sources, 'find' | 'file' | 'refetch'>
  readonly helm: Helm
  readonly charts: ChartCache
  readonly findHelmRelease: (namespace: string, name: string) => HelmRelease | undefined
  /** Reads values for a release; what it reads is watched for it from then on. */
  readonly readValues: (object: HelmRelease) => ReadValues
  /** Takes in a newer reading of a HelmRelease than the watch has shown. */
  readonly remember: (object: HelmRelease) => void
}

/** Why a HelmRelease is looked at. */
export type HelmReleaseReason = 'spec' | 'requested' | 'source' | 'dependency' | 'input' | 'interval'
