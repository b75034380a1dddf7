import { defineErrors } from './define.ts'

/** Building a kustomization. */
export const kustomizeErrors = defineErrors({
  E_KUSTOMIZE_BUILD: {
    title: 'the kustomization cannot be built',
    cause: 'A file that it names is missing or wrong, or two of its parts do not fit together.',
    fix: 'Correct the file that the message names; `kubectl kustomize` on the same folder gives the same words.',
    exit: 'input',
  },
  E_KUSTOMIZE_FILE: {
    title: 'the kustomization file is wrong',
    cause: 'There is none or more than one in the folder, or it has a field that kustomize does not know.',
    fix: 'Write one kustomization.yaml with the fields that kustomize documents.',
    exit: 'input',
  },
  E_KUSTOMIZE_YAML: {
    title: 'a file of the kustomization is not valid YAML',
    cause: 'The text breaks the rules of YAML, or an object has no kind or name.',
    fix: 'Correct the line that the message names.',
    exit: 'input',
  },
  E_KUSTOMIZE_PATH: {
    title: 'the kustomization names a file that it may not read',
    cause: 'The path is absolute, is a symbolic link, or leaves the folder or the repository.',
    fix: 'Copy the file below the folder of the kustomization, or make it a base of its own and list the folder under `resources`.',
    exit: 'input',
  },
  E_KUSTOMIZE_REMOTE: {
    title: 'the kustomization names something on another host',
    cause: 'Bases and files over the network are not read: the result of a build would not depend on the commit alone.',
    fix: 'Copy the base into the repository, or add its repository as a source of its own.',
    exit: 'input',
  },
  E_KUSTOMIZE_UNSUPPORTED: {
    title: 'the kustomization needs a program to run',
    cause: 'Helm charts, container functions and executable plugins are not run by a build.',
    fix: 'Render the chart or the function into the repository, or use a HelmRelease for charts.',
    exit: 'input',
  },
  E_KUSTOMIZE_LIMIT: {
    title: 'the kustomization is too large',
    cause: 'A file, the number of objects or the depth of bases is over the limit that protects the engine.',
    fix: 'Split the kustomization, or take the large file out of it.',
    exit: 'input',
  },
})
