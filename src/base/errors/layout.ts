import { defineErrors } from './define.ts'

/** Errors of the layout area: which file lives where in a repository. */
export const layoutErrors = defineErrors({
  E_LAYOUT_PATH: {
    title: 'this cannot be a place of a cluster in the repository',
    cause: 'The path is absolute, leads out of the repository, or a name in it is not one that Kubernetes accepts.',
    fix: 'Set clusterConfigPath to a relative folder such as clusters/mgmt, and use DNS labels as names.',
    exit: 'input',
  },
})
