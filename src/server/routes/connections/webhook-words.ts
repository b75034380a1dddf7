import type { ForgeKind } from '../../../forges/types.ts'

/** What each host calls the event of a push. */
export const pushEvents: Readonly<Record<ForgeKind, string>> = {
  github: 'push',
  gitlab: 'Push events',
  gitea: 'push',
  bitbucket: 'repo:push',
  'bitbucket-server': 'repo:refs_changed',
  'azure-devops': 'Code pushed',
  git: 'post-receive',
}

/** Where it is added by hand, and what is chosen there. */
export const byHand: Readonly<Record<ForgeKind, readonly string[]>> = {
  github: [
    'In the repository: Settings › Webhooks › Add webhook.',
    'Payload URL: the address. Content type: application/json. Secret: the secret. Events: just the push event.',
  ],
  gitlab: [
    'In the project: Settings › Webhooks › Add new webhook.',
    'URL: the address. Secret token: the secret. Trigger: push events.',
  ],
  gitea: [
    'In the repository: Settings › Webhooks › Add webhook › Gitea.',
    'Target URL: the address. POST content type: application/json. Secret: the secret. Trigger on: push events.',
  ],
  bitbucket: [
    'In the repository: Repository settings › Webhooks › Add webhook.',
    'URL: the address. Secret: the secret. Triggers: repository push.',
  ],
  'bitbucket-server': [
    'In the repository: Repository settings › Webhooks › Create webhook.',
    'URL: the address. Secret: the secret. Events: repository push.',
  ],
  'azure-devops': [
    'In the project: Project settings › Service hooks › Web Hooks, for the event Code pushed.',
    'URL: the address. HTTP headers: X-Gitlab-Token with the secret, because Azure DevOps does not sign what it sends.',
  ],
  git: [
    'On the server, in the post-receive hook of the repository, send a POST to the address.',
    'With the header X-Gitlab-Token: the secret; or X-Hub-Signature-256 with the HMAC of the body.',
  ],
}
