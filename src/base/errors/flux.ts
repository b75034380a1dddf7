import { defineErrors } from './define.ts'

/** Errors of installing the real Flux and of changing the engine. */
export const fluxErrors = defineErrors({
  E_FLUX_OPTION: {
    title: 'an option of Flux cannot be applied',
    cause: 'The value is none that Flux takes, or the manifests that were given do not have what the option changes.',
    fix: 'Change the option, or give manifests that have it: `flux install --export` with the same options makes them.',
    exit: 'input',
  },
  E_FLUX_MANIFESTS: {
    title: 'the manifests are not those of Flux',
    cause: 'They lack an object of Flux, hold one that Flux does not install, or cannot be read to their end.',
    fix: 'Use the output of `flux install --export`, whole and unchanged. Patches belong in flux-system/kustomization.yaml.',
    exit: 'input',
  },
  E_FLUX_MANIFESTS_DIGEST: {
    title: 'the manifests of Flux are not the ones that were meant',
    cause: 'No digest says which manifests an address must give, or what came has another one. Nothing was written.',
    fix: 'Give --flux-manifests-digest sha256:… of manifests that you have looked at.',
    exit: 'refused',
  },
  E_FLUX_DOWNLOAD: {
    title: 'the manifests of Flux could not be fetched',
    cause: 'The server could not be reached, answered with an error, or ended before everything was there.',
    fix: 'Run the command again, or give the manifests as a file: --flux-manifests FILE.',
    exit: 'unreachable',
    retryable: true,
  },
  E_FLUX_CLI: {
    title: 'the flux program cannot be used',
    cause: '--flux-manifests cli asks the flux on PATH for its manifests; there is none, or it failed.',
    fix: 'Install flux, or give its manifests in another way: a file, an address with a digest, or the release.',
    exit: 'failure',
  },
  E_FLUX_INSTALLED_OTHERWISE: {
    title: 'something else installed Flux in this cluster',
    cause: 'The definitions of Flux carry the label of another tool, which would put them back.',
    fix: 'Remove that installation with its own tool first; its definitions must stay, or their objects go with them.',
    exit: 'refused',
  },
  E_ENGINE_YIELDED: {
    title: 'real Flux acts on this cluster, so this engine does not',
    cause: 'Deployments of Flux controllers are installed. Two engines must never act on the same objects.',
    fix: 'To change the engine: sluice engine switch --to sluice.',
    exit: 'refused',
  },
  E_ENGINE_SWITCH: {
    title: 'the engine cannot be changed as things are',
    cause: 'The cluster or its repository is in a state from which a switch could lose something. Nothing was changed.',
    fix: 'Mend what the message names, then run the command again.',
    exit: 'refused',
  },
  E_ENGINE_SWITCH_LOSES: {
    title: 'the switch would delete objects that must stay',
    cause:
      'They are in the components of the engine that goes, and not in those of the one that comes. Nothing was changed.',
    fix: 'Give components that have them, e.g. --components-extra image-reflector-controller,image-automation-controller.',
    exit: 'refused',
  },
  E_ENGINE_SWITCH_WAITS: {
    title: 'the switch waited in vain',
    cause:
      'An engine did not stop or did not start in time. The root Kustomization stays suspended: nothing is pruned meanwhile.',
    fix: 'Mend what the message names and run the same command again, or go back with the other --to.',
    exit: 'unreachable',
    retryable: true,
  },
})
