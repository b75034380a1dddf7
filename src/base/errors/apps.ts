import { defineErrors } from './define.ts'

/** Errors of applications, their environments and charts. */
export const appsErrors = defineErrors({
  E_APP_NAME: {
    title: 'this cannot be the name of an application or environment',
    cause: 'The name is too long, has characters that Kubernetes does not take, or is one that Sluice needs itself.',
    fix: 'Use lower case letters, digits and `-`: at most 40 for an application and 30 for an environment.',
    exit: 'input',
  },
  E_APP_EXISTS: {
    title: 'there is something of this name already',
    cause: 'The folder is in the repository, or another application and environment together give the same name.',
    fix: 'Choose another name, or change the one that is there.',
    exit: 'refused',
  },
  E_APP_NOT_FOUND: {
    title: 'there is no such application or environment in Git',
    cause: 'The repository has no such folder on the branch that the cluster follows.',
    fix: 'See what there is with the list of applications; it may have been removed or renamed by a commit.',
    exit: 'input',
  },
  E_APP_INVALID: {
    title: 'the files of the application cannot be read',
    cause: 'A file in its folder is no YAML, or is not what Sluice writes there.',
    fix: 'Mend the file that is named in Git; nothing is overwritten meanwhile.',
    exit: 'input',
  },
  E_APP_VALUES: {
    title: 'the values are not what the chart takes',
    cause: "The values are no YAML mapping, or break the chart's schema.",
    fix: 'Mend the fields that are named.',
    exit: 'input',
  },
  E_APP_PROJECT: {
    title: 'the project may not deploy to this environment',
    cause: 'The environment names the projects that may deploy to it, and this one is not among them.',
    fix: 'Choose another environment, or add the project to the environment in Git.',
    exit: 'refused',
  },
  E_APP_CHANGED: {
    title: 'somebody else changed it since it was looked at',
    cause: 'The files in Git are not the ones that the change was made from.',
    fix: 'Look at the new state, and make the change again.',
    exit: 'refused',
    retryable: true,
  },
  E_APP_SECRET_KEY: {
    title: 'there is no key to seal secrets with',
    cause: 'The repository names no age recipient, so a secret value could only be written in plain.',
    fix: 'Make a key with `sluice secret keygen`; docs/guides/secrets-in-git.md has the steps.',
    exit: 'refused',
  },
  E_CHART_REPOSITORY: {
    title: 'the chart repository cannot be read',
    cause: 'Its host did not answer, refused the login, or answered with something that is no index of charts.',
    fix: "Check the address and the login; the host's own words are in the message.",
    exit: 'unreachable',
  },
  E_CHART_NOT_FOUND: {
    title: 'there is no such chart',
    cause: 'The repository has no chart of this name or version.',
    fix: 'Look at the versions that the repository has.',
    exit: 'input',
  },
  E_APP_REPOSITORY: {
    title: 'the application cannot have this repository of its own',
    cause:
      'The host makes no repositories, the cluster could not fetch it, its deploy key cannot be made or kept, or it is used for something else.',
    fix: 'Do what is named, or create the application as a path in the fleet repository.',
    exit: 'refused',
  },
  E_APP_REPOSITORY_TAKEN: {
    title: 'there is a repository of this name that Sluice did not make for the application',
    cause: 'It has files that are not those of this application, or another version of them.',
    fix: 'Choose another name by the template of the connection, or adopt the repository: what stands there otherwise stays.',
    exit: 'refused',
  },
  E_APP_REPOSITORY_REPLACED: {
    title: 'the repository of the application is not the one that it was',
    cause: 'It was deleted, or somebody made another one under its name; the host knows it by another id.',
    fix: 'Find out who did. When it is right, write its id into apps/<application>/repository.yaml of the fleet repository.',
    exit: 'refused',
  },
  E_APP_UNHEALTHY: {
    title: 'the commit is in Git, and the application does not become healthy',
    cause: 'The cluster could not render, apply or run what the commit says.',
    fix: 'Mend what is named by another commit, or roll back.',
    exit: 'failure',
  },
})
