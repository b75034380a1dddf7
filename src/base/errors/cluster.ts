import { defineErrors } from './define.ts'

/** Errors of the sandbox cluster (`src/sandbox/cluster`). */
export const clusterErrors = defineErrors({
  E_CLUSTER_PORT: {
    title: 'the sandbox cluster cannot listen on its address',
    cause: 'Another program uses the port, or this user may not open it.',
    fix: 'Choose another port, or 0 for a free one, or end the other program.',
    exit: 'failure',
  },
  E_CLUSTER_STORE: {
    title: 'the database of the sandbox cluster cannot be used',
    cause:
      'The file is damaged, was written by a newer Sluice, its key file is missing, or the disk is full or read-only.',
    fix: 'Make room or restore the folder from a copy; removing the folder starts with an empty cluster.',
    exit: 'failure',
  },
  E_CLUSTER_LOCKED: {
    title: 'the folder of the sandbox cluster is in use',
    cause: 'Another process serves a sandbox cluster from the same folder.',
    fix: 'End the other process or choose another folder.',
    exit: 'refused',
  },
  E_CLUSTER_KUBECONFIG: {
    title: 'the kubeconfig of the sandbox cluster cannot be written',
    cause: 'The folder is missing or this user may not write there.',
    fix: 'Choose another path for the kubeconfig.',
    exit: 'failure',
  },
  E_CLUSTER_UNSEAL: {
    title: 'sealed data cannot be opened',
    cause: 'The key is another one than it was sealed with, or the data was changed.',
    fix: 'Restore the key file that belongs to the database.',
    exit: 'failure',
  },
})
