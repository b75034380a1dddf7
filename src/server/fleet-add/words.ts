import { onPage as onForm } from '../routes/connections/tell.ts'

/** What the command line says, and what the page has for it. */
const words: readonly (readonly [RegExp | string, string])[] = [
  ['To add the fleet to it: sluice bootstrap --adopt.', 'To add the fleet to it, allow it below.'],
  [
    'Look at what would be added with --dry-run; then run the command again with --adopt.',
    'To use it all the same, allow it below.',
  ],
  ['Run the command again with --adopt:', 'Allow it below:'],
  ['run the command again with --set-counts', 'allow the new counts below'],
  [/;? ?--dry-run shows what is added/, '; the plan shows what is added'],
  [
    'Take the repository over as it is with `sluice import`',
    'Take it over as it is, by "An existing repository" above',
  ],
  [
    /`sluice import` lets Sluice manage it with Flux as its engine; --engine flux goes on with it/,
    '"An existing repository" above lets Sluice manage it, with Flux as its engine; or choose Flux as the engine',
  ],
  [
    'To follow another place from now on: `sluice gitops move`.',
    'To follow another place from now on: Global configuration › GitOps, Move the fleet.',
  ],
  ['and name it with --engine-image, best with its digest', 'and name it above, best with its digest'],
  ['Give --flux-manifests-digest sha256:… of', 'Give the digest (sha256:…) of'],
  [
    'Run the command again, or give the manifests as a file: --flux-manifests FILE.',
    'Make the plan again, name a mirror that the server reaches, or give the manifests as a file.',
  ],
  ['leave --guardrails out, or call the file', 'call the file'],
  ['Use the kubeconfig of', 'Choose'],
  [/run the (same )?command again/gi, 'make the plan again'],
  ['The same command goes on waiting', '"Go on" waits'],
  ['Keep the token with --token-auth', "Let the cluster go on fetching with the connection's token"],
  [/use --token-auth:/, "let the cluster fetch with the connection's token:"],
  [/\bUse --token-auth, and/, "Let the cluster fetch with the connection's token, and"],
  [/; or name the SSH server with --ssh-hostname/, ''],
  ['Name the branch with --branch', 'Name the branch'],
]

/** What to do, in the words of a page with switches and a button: the command line has options for the same. */
export function onPage(text: string): string {
  return onForm(words.reduce((said, [from, to]) => said.replace(from, to), text))
}
