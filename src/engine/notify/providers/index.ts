import type { ProviderType } from '../../../specs/flux/provider.ts'
import { googleChat, lark, matrix, telegram, webex, zoom, zulip } from './chat.ts'
import {
  giteaPullRequestComment,
  githubDispatch,
  githubPullRequestComment,
  gitlabMergeRequestComment,
} from './comment.ts'
import { azureDevOps, bitbucket, bitbucketServer, gitea, github, gitlab } from './commit-status.ts'
import { generic, genericHmac } from './generic.ts'
import { alertmanager, datadog, grafana, incidentIo, opsgenie, pagerDuty } from './monitoring.ts'
import { msteams } from './msteams.ts'
import { discord, rocket, slack } from './slack.ts'
import type { Deliver } from './types.ts'

/** How each type of Provider is served. A type that is not here is refused by name. */
const deliveries: Readonly<Partial<Record<ProviderType, Deliver>>> = {
  slack,
  discord,
  rocket,
  msteams,
  generic,
  'generic-hmac': genericHmac,
  googlechat: googleChat,
  webex,
  telegram,
  lark,
  matrix,
  zulip,
  zoom,
  alertmanager,
  grafana,
  opsgenie,
  pagerduty: pagerDuty,
  datadog,
  'incident.io': incidentIo,
  github,
  gitlab,
  gitea,
  bitbucket,
  bitbucketserver: bitbucketServer,
  azuredevops: azureDevOps,
  githubdispatch: githubDispatch,
  githubpullrequestcomment: githubPullRequestComment,
  gitlabmergerequestcomment: gitlabMergeRequestComment,
  giteapullrequestcomment: giteaPullRequestComment,
}

/** How a type is served; undefined when it is not. */
export function deliveryFor(type: string): Deliver | undefined {
  return Object.hasOwn(deliveries, type) ? deliveries[type as ProviderType] : undefined
}

/** Types that write commit statuses: they take each reconcile's last event, and events that name a commit. */
export const commitStatusTypes: ReadonlySet<string> = new Set([
  'github',
  'gitlab',
  'gitea',
  'bitbucketserver',
  'bitbucket',
  'azuredevops',
])

/** Types that comment on pull and merge requests: they take events that name one. */
export const changeRequestTypes: ReadonlySet<string> = new Set([
  'githubpullrequestcomment',
  'gitlabmergerequestcomment',
  'giteapullrequestcomment',
])
