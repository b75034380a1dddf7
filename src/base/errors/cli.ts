import { defineErrors } from './define.ts'

/** Errors of the command line. */
export const cliErrors = defineErrors({
  E_USAGE: {
    title: 'the command line is not understood',
    cause: 'An unknown command or option, a missing argument, or a value that an option does not take.',
    fix: 'Run the command with --help: it shows the arguments, the options and examples.',
    exit: 'usage',
  },
  E_NO_CONTEXT: {
    title: 'no cluster to talk to',
    cause: 'No kubeconfig was given and no sandbox is running from this folder.',
    fix: 'Start the sandbox with `npm start`, or give --kubeconfig FILE.',
    exit: 'usage',
  },
  E_ALREADY_RUNNING: {
    title: 'Sluice already runs on this data folder',
    cause: 'Another `sluice up` (or demo) holds the lock of the folder.',
    fix: 'Use the running one, stop it first, or choose another folder with --data DIR.',
    exit: 'refused',
  },
  E_PORT_IN_USE: {
    title: 'a port that Sluice used before is taken',
    cause: 'Another program listens on the port that is written in repositories and kubeconfigs of this sandbox.',
    fix: 'Stop the program that holds the port, then start again; or begin anew in another folder with --data DIR.',
    exit: 'refused',
  },
  E_LOCAL_GIT: {
    title: 'git failed in the demo',
    cause: 'The git on PATH ended with an error while it cloned from or pushed to the sandbox forge.',
    fix: 'Read what git said. The demo works in a temporary folder and can simply be run again.',
    exit: 'failure',
  },
  E_DEMO_NOTHING_TO_SCALE: {
    title: 'the fleet has no worker group to scale',
    cause: 'No workload cluster of the specs has a worker group with a count of its own.',
    fix: 'Run the demo with specs that have one, or without -f for the example fleet.',
    exit: 'input',
  },
})
