import { resolve } from 'node:path'
import type { DiffSubject } from '../../fleet/diff.ts'
import type { ConnectedCluster } from '../connect.ts'
import type { CliIo } from '../io.ts'
import { openFleetForge } from './fleet-forge.ts'
import type { ForgeOptions } from './forge-options.ts'

/** Where the files are that are held against a cluster. */
export interface SubjectOptions {
  readonly path?: string
  readonly revision?: string
  readonly branch?: string
}

/** The working tree or revision that was asked for; undefined when none was. */
export async function subjectOf(
  options: SubjectOptions & ForgeOptions,
  { client, dataDir }: ConnectedCluster,
  io: CliIo,
): Promise<DiffSubject | undefined> {
  if (options.path !== undefined) return { kind: 'folder', folder: resolve(io.cwd, options.path) }
  const revision = options.revision ?? options.branch
  if (revision === undefined) return undefined
  const { repositoryRemote } = await import('../../fleet/repository-remote.ts')
  const forge = await openFleetForge(options, client, io)
  return { kind: 'revision', revision, remoteFor: url => repositoryRemote(forge, url), dataDir }
}
