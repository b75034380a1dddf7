import { defineErrors } from './define.ts'

/** Errors of eksctl clusters: their files, and the AWS APIs behind their node groups. */
export const eksctlErrors = defineErrors({
  E_EKSCTL_NO_GITOPS: {
    title: 'the ClusterConfig says nothing about Git',
    cause: 'It has no gitops.flux block, so there is no repository to work with.',
    fix: 'Add gitops.flux with gitProvider: github and flags: owner, repository, branch and path (see docs/guides/eksctl.md).',
    exit: 'input',
  },
  E_EKSCTL_OUTPOSTS: {
    title: 'GitOps is not supported on Outposts',
    cause: 'The ClusterConfig puts the control plane on an AWS Outpost, where eksctl does not set up Flux.',
    fix: 'Take gitops.flux out of the file, or use a cluster in an AWS region.',
    exit: 'refused',
  },
  E_EKSCTL_FLUX_V1: {
    title: 'the cluster runs Flux v1',
    cause:
      'A Deployment named flux is there. Two engines over the same objects would undo each other; eksctl skips the installation then.',
    fix: 'Migrate off Flux v1 and delete its Deployment, then run the command again.',
    exit: 'refused',
  },
  E_EKSCTL_CONFIG_MISSING: {
    title: 'the ClusterConfig is not in the repository',
    cause: 'No readable file stands at spec.configPath in the revision that the source offers.',
    fix: 'Commit the file at that path, or correct spec.configPath of the EksctlCluster.',
    exit: 'input',
  },
  E_EKSCTL_SOURCE: {
    title: 'the source of the ClusterConfig offers nothing yet',
    cause: 'The GitRepository is missing, or has no artifact because it was not fetched so far.',
    fix: 'See `sluice get sources` for its state; the node groups follow as soon as it is fetched.',
    exit: 'failure',
    retryable: true,
  },
  E_AWS_CREDENTIALS: {
    title: 'there are no usable AWS credentials',
    cause:
      'None of the standard places (environment, profile, SSO, web identity, instance role) has any, or they are expired.',
    fix: 'Log in again (`aws sso login`), or set AWS_PROFILE or the AWS_… variables. In a cluster, use IRSA or Pod Identity.',
    exit: 'credentials',
  },
  E_AWS_DENIED: {
    title: 'AWS does not allow this call',
    cause: 'The IAM identity lacks the action that the message names.',
    fix: 'Attach the policy of docs/guides/eksctl.md to the identity.',
    exit: 'credentials',
  },
  E_AWS_THROTTLED: {
    title: 'AWS limits the rate of calls',
    cause: 'The account makes more calls than the API allows; the calls were repeated with growing pauses.',
    fix: 'Wait: it is tried again by itself. A longer spec.interval makes fewer calls.',
    exit: 'unreachable',
    retryable: true,
  },
  E_AWS_NOT_FOUND: {
    title: 'AWS has no such thing',
    cause: 'The cluster or node group does not exist in this account and region.',
    fix: 'Check metadata.name and metadata.region of the ClusterConfig, and which account the credentials are for.',
    exit: 'input',
  },
  E_AWS_BUSY: {
    title: 'the node group is busy',
    cause: 'Another update of it runs. EKS takes one at a time.',
    fix: 'Nothing: it is tried again when the other update has ended.',
    exit: 'unreachable',
    retryable: true,
  },
  E_AWS_REFUSED: {
    title: 'AWS refused the request',
    cause: 'The API found the request wrong; its own words are in the message.',
    fix: 'Mend what the message names in the ClusterConfig in Git.',
    exit: 'refused',
  },
  E_AWS_UNREACHABLE: {
    title: 'AWS cannot be reached',
    cause: 'The connection failed or was cut, the answer took too long, or the service answered with a server error.',
    fix: 'Check the network and the region; it is tried again by itself.',
    exit: 'unreachable',
    retryable: true,
  },
})
