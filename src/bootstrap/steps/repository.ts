import { SluiceError } from '../../base/errors/index.ts'
import { effect } from '../effect.ts'
import type { BootstrapStep } from '../types.ts'

/** Finds the repository or makes it: private unless the spec says otherwise, without a first commit. An existing one is used as it is. */
export const repositoryStep: BootstrapStep = {
  id: 'repository',
  title: 'find or make the repository',
  async inspect({ fleet, forge, signal }, state) {
    const name = `${fleet.owner}/${fleet.repository}`
    const found = await forge.repository(fleet.owner, fleet.repository, signal)
    state.repositoryExists = found !== undefined
    const action = found ? 'keep' : 'create'
    return {
      id: 'repository',
      title: this.title,
      state: found ? 'done' : 'to-do',
      summary: found ? `${name} is there and stays as it is` : `make the ${visibility(fleet)} repository ${name}`,
      changes: [{ kind: 'repository', name, action, private: found?.private ?? fleet.private ?? true }],
      ...(found && !found.private ? { notes: [`${name} is public: everybody can read the specs in it`] } : {}),
    }
  },
  async apply(context, state) {
    const { fleet, forge, signal } = context
    const request = {
      owner: fleet.owner,
      personal: fleet.personal,
      name: fleet.repository,
      description: 'Cluster configuration, followed by Flux objects',
      private: fleet.private ?? true,
    }
    try {
      await effect(context, 'repository.create', () => forge.createRepository(request, signal))
    } catch (error) {
      // Another run was faster, or the answer to ours was lost: the repository is there, and that is what is wanted.
      const exists = error instanceof SluiceError && error.code === 'E_FORGE_REPOSITORY_EXISTS'
      if (!exists || !(await forge.repository(fleet.owner, fleet.repository, signal))) throw error
    }
    state.repositoryExists = true
    return { summary: `made the ${visibility(fleet)} repository ${fleet.owner}/${fleet.repository}` }
  },
}

function visibility(fleet: { readonly private?: boolean }): 'private' | 'public' {
  return fleet.private === false ? 'public' : 'private'
}
