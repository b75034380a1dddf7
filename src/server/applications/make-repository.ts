import { SluiceError } from '../../base/errors/index.ts'
import type { ServerContext } from '../context.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { requireGate } from '../require-gate.ts'
import { idOf, type NewRepository } from './new-repository.ts'

export interface RepositoryWish {
  readonly app: string
  readonly project: string
  readonly url: string
  readonly make: NewRepository
}

/** Makes the repository of an application, and gives its id. One that was made a moment ago is taken while it is empty. */
export async function makeRepository(
  context: ServerContext,
  { app, project, url, make }: RepositoryWish,
  job: RunningJob,
): Promise<string> {
  const { owner, name, personal, private: isPrivate } = make
  const { signal } = job
  const connection = await requireGate(context, { project, environment: '*' })
  return context.repository.reach.open(connection, url, async ({ forge }) => {
    const description = `Application ${app}, deployed by Sluice`
    try {
      const made = await forge.createRepository({ owner, name, personal, private: isPrivate, description }, signal)
      job.step('repository', { detail: `${owner}/${name}, ${isPrivate ? 'private' : 'public'}` })
      return idOf(forge, made)
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'E_FORGE_REPOSITORY_EXISTS') throw error
      // The answer to an earlier try may have been lost; what somebody has filled meanwhile is looked at anew.
      const found = await forge.repository(owner, name, signal)
      if (found?.empty !== true) throw error
      return idOf(forge, found)
    }
  })
}
