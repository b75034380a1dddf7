import { z } from 'zod'
import { forgeCapabilities, forgeKinds } from '../../../forges/index.ts'
import { tokenNeeds } from '../../../forges/token-needs.ts'
import type { ForgeKind } from '../../../forges/types.ts'
import { type ForgeInfo, forgeInfoSchema } from '../../contract/connections.ts'
import { defineRoute } from '../../http/route.ts'

const publicHosts: Partial<Readonly<Record<ForgeKind, string>>> = {
  github: 'github.com',
  gitlab: 'gitlab.com',
  bitbucket: 'bitbucket.org',
  'azure-devops': 'dev.azure.com/',
}

const ownerWords: Readonly<Record<ForgeKind, string>> = {
  github: 'Organization',
  gitlab: 'Group',
  gitea: 'Organization',
  bitbucket: 'Workspace',
  'bitbucket-server': 'Project',
  'azure-devops': 'Project',
  git: 'Owner',
}

/** Pages where a token is made, with the rights chosen where the host takes them from a link. */
const tokenPages: Partial<Readonly<Record<ForgeKind, string>>> = {
  github: 'https://{host}/settings/tokens/new?scopes=repo,read:org&description=Sluice',
  gitlab: 'https://{host}/-/user_settings/personal_access_tokens?name=Sluice&scopes=api,write_repository',
  gitea: 'https://{host}/user/settings/applications',
  bitbucket: 'https://id.atlassian.com/manage-profile/security/api-tokens',
  'bitbucket-server': 'https://{host}/plugins/servlet/access-tokens/manage',
  'azure-devops': 'https://{host}/_usersSettings/tokens',
}

export const listForges = defineRoute({
  method: 'get',
  path: '/api/v1/forges',
  tag: 'connections',
  summary: 'Kinds of Git hosts, and what a credential of each needs',
  needs: 'signed-in',
  answer: z.object({ forges: z.array(forgeInfoSchema) }),
  handle: async () => ({ forges: forgeKinds.map(infoOf) }),
})

function infoOf(kind: ForgeKind): ForgeInfo {
  const { title, needs, notes } = tokenNeeds[kind]
  const host = publicHosts[kind]
  const page = tokenPages[kind]
  return {
    kind,
    title: title.replace(/ \(.*$/, ''),
    ...(host === undefined ? {} : { host }),
    ownerWord: ownerWords[kind],
    requestWord: forgeCapabilities[kind].changeRequests,
    wantsUsername: kind === 'bitbucket' || kind === 'git',
    credentials: kind === 'git' ? ['token', 'ssh'] : ['token'],
    needs: needs.map(need => ({ ...need })),
    notes: [...notes],
    ...(page === undefined ? {} : { tokenPage: page }),
  }
}
