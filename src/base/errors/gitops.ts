import { defineErrors } from './define.ts'

/** Errors of importing, moving and removing GitOps. */
export const gitOpsErrors = defineErrors({
  E_IMPORT_NOTHING: {
    title: 'there is nothing to import',
    cause: 'No gotk-sync.yaml stands in the repository on this branch, so no engine follows it.',
    fix: 'Name the branch with --branch, or bootstrap the cluster: `sluice bootstrap -f FILE`.',
    exit: 'input',
  },
  E_IMPORT_NOT_FOLLOWED: {
    title: 'the repository does not hold what the cluster follows',
    cause: 'The cluster follows a folder in which no synchronization of its own was found.',
    fix: 'Check that the kubeconfig and the repository belong together; `sluice get all` shows what the cluster follows.',
    exit: 'refused',
  },
  E_IMPORT_DIFFERENT: {
    title: 'the import would change what is applied',
    cause: 'A synchronized folder builds to other objects with the files that the import adds. Nothing was written.',
    fix: 'See the object that is named. Where the root of the repository is synchronized, leave --guardrails out, or call the file sluice.rules.',
    exit: 'refused',
  },
  E_IMPORT_UNBUILDABLE: {
    title: 'a synchronized folder cannot be built',
    cause:
      'What is in Git now does not build, so it cannot be proven that the import changes nothing. Nothing was written.',
    fix: 'Mend the file that the message names in Git, then run the command again.',
    exit: 'refused',
  },
  E_GITOPS_NOTHING_TO_CHANGE: {
    title: 'nothing was asked to be changed',
    cause: 'None of the options that say where GitOps goes was given.',
    fix: 'Give --to-branch, --to-path, --to-repository, --to-host, --interval, --sync-interval or --token-auth; see `sluice gitops move --help`.',
    exit: 'usage',
  },
  E_GITOPS_PATH_NESTED: {
    title: 'the new path and the old one overlap',
    cause: 'One folder lies inside the other, so that for a moment every object would stand in it twice.',
    fix: 'Choose a folder beside the old one; a second move can then bring it to where it shall end.',
    exit: 'input',
  },
  E_GITOPS_NOT_MOVABLE: {
    title: 'the folder of the fleet holds what cannot be moved',
    cause:
      'A link or a submodule may lead to another place from the new folder, so it is not moved, and nothing else is.',
    fix: 'Put files in its place, or remove it, in a commit; then run the command again.',
    exit: 'refused',
  },
  E_GITOPS_TARGET_IN_USE: {
    title: 'the place to move to is used by something else',
    cause: 'The branch, folder or repository holds what is not a copy of the fleet. Nothing was overwritten.',
    fix: 'Choose another one, or empty that one first.',
    exit: 'refused',
  },
  E_GITOPS_SYNC_FOREIGN: {
    title: 'what the cluster follows is not written in its own folder as flux bootstrap writes it',
    cause: 'gotk-sync.yaml is missing, was made by others, or says something else than the cluster.',
    fix: 'Bring Git and the cluster in line first (`sluice diff`), then run the command again.',
    exit: 'refused',
  },
  E_GITOPS_OLD_GONE: {
    title: 'the repository that the cluster follows cannot be read',
    cause: 'It was deleted, renamed or made private, or the token cannot see it; what is in it cannot be carried.',
    fix: 'Give the repository that holds its content now with --to-repository (a renamed one, or a backup that you pushed): the cluster is then pointed at it.',
    exit: 'refused',
  },
  E_GITOPS_SOURCE_MOVED: {
    title: 'somebody pushes to the old place all the time',
    cause: 'Each time the fleet was copied, the branch had moved on before the cluster could be pointed at the copy.',
    fix: 'Ask for a pause of pushes, then run the command again: it goes on.',
    exit: 'unreachable',
    retryable: true,
  },
  E_GITOPS_LATE_COMMITS: {
    title: 'commits came to the old place too late to be copied',
    cause:
      'They were pushed to the branch that was followed before, while the cluster changed over. They are in that branch, and in no place that is followed.',
    fix: 'Bring over what shall hold, with git cherry-pick at the new place; then run the command again: it looks once more.',
    exit: 'failure',
  },
  E_GITOPS_SUSPENDED: {
    title: 'the cluster does not follow Git at the moment',
    cause: 'Its GitRepository or Kustomization is suspended: a change of where it looks would not be taken up.',
    fix: 'Resume it: `sluice resume kustomization flux-system`, `sluice resume source flux-system`; then run the command again.',
    exit: 'refused',
  },
  E_GITOPS_SOURCE_IN_USE: {
    title: 'other objects of the cluster follow the same repository',
    cause: 'They would be left without a source, and what they applied would no longer follow Git.',
    fix: 'Remove them in Git first (with `prune: false` where their objects shall stay), then run the command again.',
    exit: 'refused',
  },
  E_GITOPS_NOT_FOLLOWED: {
    title: 'the cluster has not followed to the new place in time',
    cause: 'It points there, but has not yet applied what is there; nothing of it was removed.',
    fix: 'See `sluice get all` for the cause and mend it; the same command goes on where this one stopped.',
    exit: 'unreachable',
    retryable: true,
  },
  E_GITOPS_OBJECTS_CHANGED: {
    title: 'objects of the fleet were made anew or went during the change',
    cause:
      'The same objects, with the same UIDs, were expected before and after. Somebody else may have removed them meanwhile.',
    fix: 'See `sluice events` for who removed them.',
    exit: 'failure',
  },
  E_GITOPS_NOT_ORPHANED: {
    title: 'the Kustomization would take its objects with it',
    cause: 'Pruning could not be turned off for good: something sets it back. Nothing was removed.',
    fix: 'See who writes to the Kustomization (`kubectl get kustomization -o yaml --show-managed-fields`), stop it, then run the command again.',
    exit: 'refused',
  },
})
