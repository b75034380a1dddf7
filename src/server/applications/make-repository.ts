import { SluiceError } from '../../base/errors/index.ts'
import type { ServerContext } from '../context.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import type { RepositoryState } from '../repository/index.ts'
import { idOf, type NewRepository } from './new-repository.ts'

/** Makes the repository of an application, and gives its id. One that was made a moment ago is taken while it is empty. */
export async function makeRepository(
  { repository }: ServerContext,
  { connection, home, sync }: RepositoryState,
  { owner, name, personal, private: isPrivate }: NewRepository,
  job: RunningJob,
): Promise<string> {
  const { signal } = job
  return repository.reach.open(connection, sync.url, async ({ forge }) => {
    const description = `Application ${home?.app ?? name}, deployed by Sluice`
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
