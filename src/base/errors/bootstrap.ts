import { defineErrors } from './define.ts'

/** Errors of bootstrap. */
export const bootstrapErrors = defineErrors({
  E_TOKEN_FILE: {
    title: 'the token file holds no token',
    cause: 'The file is empty, holds several lines that are no KEY=VALUE lines, or none of the keys that Sluice reads.',
    fix: 'Put the token alone on one line, or a line such as EKSA_GITHUB_TOKEN=…',
    exit: 'credentials',
  },
  E_BOOTSTRAP_NO_GITOPS: {
    title: 'the cluster names no GitOps configuration',
    cause: 'The spec has no gitOpsRef, so there is no repository to work with.',
    fix: 'Add a FluxConfig and point spec.gitOpsRef at it (see examples/eks-anywhere).',
    exit: 'input',
  },
  E_BOOTSTRAP_MIXED_FLEETS: {
    title: 'the specs do not belong to one fleet',
    cause: 'The files name different repositories, branches, paths or management clusters.',
    fix: 'Bootstrap each fleet by itself: one management cluster with its workload clusters a run.',
    exit: 'input',
  },
  E_BOOTSTRAP_PROVIDER: {
    title: 'the spec does not say where the repository is',
    cause: 'FluxConfig has neither spec.github nor spec.git.',
    fix: 'Write spec.github (owner and repository, on any Git host with an API) or spec.git (an address) in the FluxConfig.',
    exit: 'input',
  },
  E_BOOTSTRAP_PLAN_MOVED: {
    title: 'Git or the cluster is not as it was when the plan was made',
    cause: 'Somebody changed a file, an object or a count that the plan is about, after it was looked at.',
    fix: 'Make the plan again and look at it. What was done until then stays.',
    exit: 'refused',
    retryable: true,
  },
  E_BOOTSTRAP_CHECK_FAILED: {
    title: 'the token cannot do what bootstrap needs',
    cause: 'A check of the token, the owner or the repository failed; nothing was written.',
    fix: 'Mend what the failed check says, then run the command again.',
    exit: 'credentials',
  },
  E_UNINSTALL_FLUX: {
    title: 'real Flux runs in this cluster',
    cause: "A controller of Flux is installed, and its kinds and objects are not Sluice's to remove.",
    fix: 'Use flux uninstall, or first change the engine with `sluice engine switch --to sluice`.',
    exit: 'refused',
  },
  E_UNINSTALL_ENGINE: {
    title: 'an engine still acts on this cluster',
    cause:
      'A process outside of the cluster holds the Lease of the engine: it would take the end of an object for a wish to prune.',
    fix: 'Stop that process (sluice engine, or sluice up), then run sluice uninstall again.',
    exit: 'refused',
    retryable: true,
  },
  E_BOOTSTRAP_PATH_IN_USE: {
    title: 'the path in the repository is used by something else',
    cause: 'Files stand there that neither Sluice nor EKS Anywhere made, or that belong to another cluster.',
    fix: 'Choose another clusterConfigPath, or remove or move those files in Git first. Sluice never overwrites them.',
    exit: 'refused',
  },
  E_BOOTSTRAP_NOT_ADOPTED: {
    title: 'the repository holds files that Sluice did not make',
    cause: 'It is not empty, and has no marker that says that Sluice manages it. Nothing was written.',
    fix: 'Look at what would be added with --dry-run; then run the command again with --adopt. Files that are there stay as they are.',
    exit: 'refused',
  },
  E_BOOTSTRAP_NO_MANAGEMENT: {
    title: 'the management cluster is not bootstrapped yet',
    cause: 'Only workload clusters were given, and the repository holds nothing of their management cluster.',
    fix: 'Give the spec of the management cluster too, or bootstrap it first.',
    exit: 'input',
  },
  E_BOOTSTRAP_SYNC_CONFLICT: {
    title: 'the cluster already follows another repository, branch or path',
    cause: 'The Flux objects in the cluster differ from what this bootstrap would make.',
    fix: 'Check that kubeconfig and specs belong together. To follow another place from now on: `sluice gitops move`.',
    exit: 'refused',
  },
  E_BOOTSTRAP_TOKEN_SHARED: {
    title: 'other sources are fetched with the token that would go',
    cause:
      "The fleet's Secret holds a token, other GitRepositories use that Secret, and a deploy key is good for one repository.",
    fix: 'Keep the token with --token-auth, or give those sources a Secret of their own first.',
    exit: 'refused',
  },
  E_BOOTSTRAP_CLUSTER_KINDS: {
    title: 'the cluster does not know the kinds of EKS Anywhere',
    cause: 'The CRDs of anywhere.eks.amazonaws.com are not installed, so the specs in Git could never be applied.',
    fix: 'Use the kubeconfig of an EKS Anywhere management cluster (or of the sandbox).',
    exit: 'input',
  },
  E_BOOTSTRAP_LIVE_COUNTS: {
    title: 'clusters that run have other counts than their specs',
    cause:
      'From the first commit on, the counts in Git are those of the clusters: they would be scaled. Nothing was written.',
    fix: 'Write the counts of the cluster into the spec; or, where the spec is right, run the command again with --set-counts.',
    exit: 'refused',
  },
  E_BOOTSTRAP_NOT_READY: {
    title: 'the fleet did not become Ready in time',
    cause: 'The objects were made, but the cluster did not agree with Git before the timeout.',
    fix: 'See `sluice get all` for the cause. The same command goes on waiting where this one stopped.',
    exit: 'unreachable',
    retryable: true,
  },
  E_BOOTSTRAP_SYNC_FAILED: {
    title: 'the cluster refused what is in Git',
    cause: 'The source or the Kustomization reported a failure for the revision that bootstrap committed.',
    fix: 'Mend the file that the message names in Git and push; the engine tries the new revision by itself.',
    exit: 'failure',
  },
})
