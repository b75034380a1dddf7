import { defineErrors } from './define.ts'

/** Errors of fleets: clusters, node groups, scaling. */
export const fleetErrors = defineErrors({
  E_FLEET_NO_SYNC: {
    title: 'the cluster follows no repository',
    cause: 'There is no GitRepository and Kustomization that Sluice (or flux bootstrap) would have made.',
    fix: 'Run `sluice bootstrap -f FILE` first, or name the right cluster with --kubeconfig.',
    exit: 'input',
  },
  E_FLEET_KUSTOMIZATION_UNKNOWN: {
    title: 'no such Kustomization follows the repository of the fleet',
    cause: 'The name or namespace is another one, or it is built from another source.',
    fix: 'sluice get kustomizations lists them; name it with --namespace when it is not in flux-system.',
    exit: 'input',
  },
  E_FLEET_CLUSTER_UNKNOWN: {
    title: 'there is no such cluster in Git',
    cause: 'No file of a cluster with this name stands below the path that the fleet is read from.',
    fix: 'See `sluice get clusters` for the names.',
    exit: 'input',
  },
  E_FLEET_REMOVE_REFUSED: {
    title: 'this cluster is not taken out of the fleet',
    cause: 'Something says that it must stay, or its folder holds what Sluice did not make.',
    fix: 'Settle what is named, and run the command again: nothing was changed.',
    exit: 'refused',
  },
  E_FLEET_GROUP_UNKNOWN: {
    title: 'the cluster has no such node group',
    cause: 'The name matches neither a worker node group nor `control-plane`.',
    fix: 'See `sluice get nodegroups` for the names.',
    exit: 'input',
  },
  E_FLEET_SCALE_ARGUMENT: {
    title: 'what to scale is not understood',
    cause: 'The argument is neither GROUP=N nor GROUP=MIN..MAX with whole numbers of zero or more.',
    fix: 'Write it as in `sluice scale prod md-0=3`, or `sluice scale prod md-0=2..6` for a group that the autoscaler sizes.',
    exit: 'usage',
  },
  E_FLEET_SCALE_REFUSED: {
    title: 'this count is against the rules of the cluster',
    cause:
      'The changed spec breaks a rule that the API server would refuse too, or the group belongs to the autoscaler.',
    fix: 'Choose a count that keeps the rule in the message.',
    exit: 'refused',
  },
  E_FLEET_SCALE_CONFLICT: {
    title: 'somebody else changed this count at the same time',
    cause: 'The count in Git is no longer what this command saw when it began, and not what it was asked to set.',
    fix: 'See who changed it and why; run the command again to change it from what it is now.',
    exit: 'refused',
  },
  E_FLEET_GUARDRAIL: {
    title: 'a guardrail of the repository forbids this change',
    cause: 'sluice.yaml at the root of the repository limits changes of this group. Nothing was written.',
    fix: 'Choose a change that keeps the rule at the line that is named, or change the rule in Git first, by a commit of its own.',
    exit: 'refused',
  },
  E_FLEET_GUARDRAILS_INVALID: {
    title: 'the guardrails of the repository cannot be used',
    cause: 'sluice.yaml has an error, stands where an engine takes it for a manifest, or there are two such files.',
    fix: 'Mend the file at the line that is named, in Git, then run the command again (see docs/spec/guardrails.md).',
    exit: 'input',
  },
  E_FLEET_NOTHING_TO_REVERT: {
    title: 'there is no such change of sizes to undo',
    cause:
      'The history of the cluster’s file on the branch has no such commit, or the commit changed no size of a group that is still there.',
    fix: 'See `git log` of the cluster’s file, and name the commit: `sluice scale prod --revert 1f2e3d4`.',
    exit: 'input',
  },
  E_FLEET_EDIT_REFUSED: {
    title: 'the edited cluster breaks a rule',
    cause:
      'A rule that the API server would check too does not hold, or the file cannot be read. Nothing was committed.',
    fix: 'Mend the lines that are named and run the command again; your text is kept, and the message says where.',
    exit: 'refused',
  },
  E_FLEET_EDIT_CONFLICT: {
    title: 'somebody else changed the file at the same time',
    cause: 'The file in Git is no longer what this command opened. Nothing was overwritten.',
    fix: 'See what was changed, and run the command again; your text is kept, and the message says where.',
    exit: 'refused',
  },
  E_FLEET_EDITOR: {
    title: 'the editor ended with an error',
    cause:
      'The command in $VISUAL or $EDITOR cannot be run, or ended with another exit code than 0. Nothing was committed.',
    fix: 'Set EDITOR to an editor that waits until the file is closed, as in `EDITOR="code --wait"`, or give the text with -f.',
    exit: 'failure',
  },
  E_FLEET_NOT_APPLIED: {
    title: 'the commit is in Git, but the cluster refused it',
    cause: 'The engine could not apply the revision; the last good state keeps running.',
    fix: 'Mend what the message names in Git and push, or undo the commit: `sluice scale CLUSTER --revert COMMIT`, `git revert`.',
    exit: 'failure',
  },
  E_FLEET_COMMIT_LOST: {
    title: 'the commit was taken off the branch',
    cause:
      'Somebody pushed by force, or made the repository anew, after the commit and before the cluster had fetched it.',
    fix: 'See with `git log` what the branch holds now, then run the same command again: it makes the change anew.',
    exit: 'failure',
  },
  E_FLEET_FOLLOW_TIMEOUT: {
    title: 'the commit is in Git, but the cluster has not followed in time',
    cause: 'The engine or the machines need longer than the timeout, or the engine is not running.',
    fix: 'See `sluice get all` and `sluice events` for where it stands; nothing has to be done again.',
    exit: 'unreachable',
    retryable: true,
  },
  E_RECONCILE_FAILED: {
    title: 'the reconcile ended without success',
    cause: 'The engine handled the request and reported that the object is not Ready.',
    fix: 'Mend what the message names; the engine tries again by itself at its interval and at each new revision.',
    exit: 'failure',
  },
  E_RECONCILE_SUSPENDED: {
    title: 'the object is suspended',
    cause: 'spec.suspend is true, so that the engine leaves it alone.',
    fix: 'Run `sluice resume` for it first.',
    exit: 'refused',
  },
  E_FLEET_OTHER_HOST: {
    title: 'the token is for another Git host than the repository',
    cause:
      'The cluster follows a repository on one host, and the token at hand belongs to another. It is not sent there.',
    fix: 'Name the host of the repository with --host, and give its token with --token-file or in the environment.',
    exit: 'credentials',
  },
})
