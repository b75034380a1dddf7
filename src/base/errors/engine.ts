import { defineErrors } from './define.ts'

/** Errors of the engine area. */
export const engineErrors = defineErrors({
  E_ENGINE_NOT_LEADER: {
    title: 'this engine may not write: another one leads',
    cause: 'The lease of the engine ended or was taken over, for example after the process was stopped for a while.',
    fix: 'Nothing: the engine stops by itself and follows the leader. Run one engine per cluster to avoid the switch.',
    exit: 'refused',
    retryable: true,
  },
  E_ENGINE_LEASE: {
    title: 'the lease of the engine cannot be kept',
    cause: 'The API server refuses the Lease object, or its namespace is missing.',
    fix: 'Give the engine the rights get, create and update on leases.coordination.k8s.io in the namespace of the lease.',
    exit: 'failure',
    retryable: true,
  },
  E_ENGINE_NO_CRDS: {
    title: 'the cluster does not have the kinds that the engine serves',
    cause: 'The CRDs of GitRepository or Kustomization are not installed.',
    fix: 'Install Flux’s CRDs, or run `sluice bootstrap`, which does; the engine starts when they are there.',
    exit: 'failure',
    retryable: true,
  },
  E_ENGINE_NOT_READABLE: {
    title: 'an object that the engine needs cannot be read',
    cause: 'The API server did not answer in time, or the engine may not list the kind.',
    fix: 'Check the API server, and the rights of the engine on the kind in the message.',
    exit: 'unreachable',
    retryable: true,
  },
  E_ENGINE_BUILD: {
    title: 'the Kustomization cannot be built',
    cause: 'A file is missing or wrong, a variable is not set, or the path does not exist in the source.',
    fix: 'Correct the file that the message names, commit and push.',
    exit: 'input',
  },
  E_ENGINE_DIFF: {
    title: 'the difference cannot be worked out',
    cause: 'The API server refused the dry run of an object.',
    fix: 'Correct the object that the message names.',
    exit: 'failure',
  },
})
