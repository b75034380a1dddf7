import { defineErrors } from './define.ts'

/** Errors that belong to no single area. */
export const generalErrors = defineErrors({
  E_INTERNAL: {
    title: 'Sluice hit a fault of its own',
    cause: 'Something happened that the code did not expect.',
    fix: 'Run the command again with SLUICE_DEBUG=1 and report the stack trace.',
    exit: 'failure',
  },
  E_ABORTED: {
    title: 'the operation was stopped before it finished',
    cause: 'Ctrl-C, a termination signal or a caller that gave up.',
    fix: 'Run the same command again: it goes on where it was.',
    exit: 'failure',
  },
  E_TIMEOUT: {
    title: 'the operation did not finish in time',
    cause: 'A deadline passed.',
    fix: 'Check the system that is named in the message, then run the command again; it goes on where it was.',
    exit: 'unreachable',
    retryable: true,
  },
  E_FILE_READ: {
    title: 'a file cannot be read',
    cause: 'The file is missing, is a folder, or this user may not read it.',
    fix: 'Check the path and its permissions.',
    exit: 'input',
  },
  E_FILE_WRITE: {
    title: 'a file cannot be written',
    cause: 'The disk is full, the folder is missing, or this user may not write there.',
    fix: 'Make room or choose another folder, then run the command again.',
    exit: 'failure',
    retryable: true,
  },
})
