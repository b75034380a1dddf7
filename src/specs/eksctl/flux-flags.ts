/** Sub-commands of `flux bootstrap`. */
export const gitProviders = ['github', 'gitlab', 'gitea', 'bitbucket-server', 'git'] as const
export type GitProvider = (typeof gitProviders)[number]

/**
 * What Sluice does with a flag: `used`, or why it changes nothing (`warn`), or why it is refused (`refuse`). `flux`: it is
 * one of `flux install`, and counts when real Flux is the engine.
 */
export type FlagUse = 'used' | 'flux' | { readonly warn: string } | { readonly refuse: string }

/** One flag of `flux bootstrap`. */
export interface FluxFlag {
  readonly type: 'text' | 'flag' | 'integer' | 'list' | 'duration'
  /** Flux's own default, in its text form. */
  readonly default?: string
  /** The only values, for an enumeration. */
  readonly values?: readonly string[]
  /** The sub-commands that have it; all of them when absent. */
  readonly of?: readonly GitProvider[]
  readonly use: FlagUse
}

const hosted = ['github', 'gitlab', 'gitea', 'bitbucket-server'] as const
const components = 'flux'
const keys = { warn: 'say it on the command line: sluice bootstrap has the flag of this name' }
const signing = { refuse: 'commits are not signed by this bootstrap' }
const login = { refuse: 'the cluster is named by kubeconfig and context; credentials do not belong in the file' }
const secret = { refuse: 'a secret does not belong in a file that goes to Git; give it in the environment' }

/**
 * Every flag of `flux bootstrap <provider>` of Flux 2.9, with what becomes of it here. A flag that is not in it does not
 * exist: eksctl would hand it on, and flux would fail at the end of a cluster's creation.
 */
export const fluxFlags = {
  owner: { type: 'text', of: hosted, use: 'used' },
  repository: { type: 'text', of: hosted, use: 'used' },
  personal: { type: 'flag', default: 'false', of: hosted, use: 'used' },
  private: { type: 'flag', default: 'true', of: ['github', 'gitea', 'bitbucket-server', 'gitlab'], use: 'used' },
  visibility: {
    type: 'text',
    default: 'private',
    values: ['public', 'internal', 'private'],
    of: ['gitlab'],
    use: 'used',
  },
  hostname: { type: 'text', of: hosted, use: 'used' },
  url: { type: 'text', of: ['git'], use: 'used' },
  path: { type: 'text', default: '', use: 'used' },
  branch: { type: 'text', default: 'main', use: 'used' },
  namespace: { type: 'text', default: 'flux-system', use: 'used' },
  interval: { type: 'duration', default: '1m0s', use: 'used' },
  kubeconfig: { type: 'text', use: 'used' },
  context: { type: 'text', use: 'used' },
  timeout: { type: 'duration', default: '5m0s', use: { warn: 'how long to wait is said on the command line' } },
  'token-auth': { type: 'flag', default: 'false', use: 'used' },
  team: {
    type: 'list',
    of: ['github', 'gitlab', 'gitea'],
    use: { warn: 'no team is given access: grant it on the Git host' },
  },
  group: {
    type: 'list',
    of: ['bitbucket-server'],
    use: { warn: 'no group is given access: grant it on the Git host' },
  },
  reconcile: {
    type: 'flag',
    default: 'false',
    of: hosted,
    use: { warn: 'settings of a repository that exists are never changed' },
  },
  username: { type: 'text', default: 'git', of: ['bitbucket-server', 'git'], use: 'used' },
  password: { type: 'text', of: ['git'], use: secret },
  silent: { type: 'flag', default: 'false', of: ['git'], use: 'used' },
  'allow-insecure-http': { type: 'flag', default: 'false', of: ['git'], use: 'used' },
  'with-bearer-token': { type: 'flag', default: 'false', of: ['git'], use: 'used' },
  'deploy-token-auth': {
    type: 'flag',
    default: 'false',
    of: ['gitlab'],
    use: { refuse: 'no deploy token is made by this bootstrap' },
  },
  'read-write-key': { type: 'flag', default: 'false', of: hosted, use: keys },
  'secret-name': { type: 'text', default: 'flux-system', values: ['flux-system'], use: 'used' },
  'recurse-submodules': {
    type: 'flag',
    default: 'false',
    use: { refuse: 'submodules are not followed by this bootstrap' },
  },
  'sparse-checkout': { type: 'list', use: { refuse: 'sparse checkouts are not set up by this bootstrap' } },
  'author-name': { type: 'text', default: 'Flux', use: 'used' },
  'author-email': { type: 'text', use: 'used' },
  'commit-message-appendix': { type: 'text', use: 'used' },
  'ca-file': { type: 'text', use: { refuse: 'give the CA of the Git host on the command line' } },
  'private-key-file': { type: 'text', use: { refuse: 'give the key on the command line or in the environment' } },
  'ssh-key-algorithm': { type: 'text', default: 'ecdsa', values: ['rsa', 'ecdsa', 'ed25519'], use: keys },
  'ssh-rsa-bits': { type: 'integer', default: '2048', use: keys },
  'ssh-ecdsa-curve': { type: 'text', default: 'p384', values: ['p256', 'p384', 'p521'], use: keys },
  'ssh-hostkey-algos': { type: 'list', use: { warn: 'the host keys that are confirmed are the ones that count' } },
  'ssh-hostname': { type: 'text', use: keys },
  'gpg-key-ring': { type: 'text', use: signing },
  'gpg-passphrase': { type: 'text', use: secret },
  'gpg-key-id': { type: 'text', use: signing },
  'ssh-signing-key-file': { type: 'text', use: signing },
  'ssh-signing-password': { type: 'text', use: secret },
  'ssh-signing-passphrase': { type: 'text', use: secret },
  'ssh-signing-reuse-private-key': { type: 'flag', default: 'false', of: ['git'], use: signing },
  version: { type: 'text', use: components },
  components: {
    type: 'list',
    default: 'source-controller,kustomize-controller,helm-controller,notification-controller',
    use: components,
  },
  'components-extra': { type: 'list', use: components },
  registry: { type: 'text', default: 'ghcr.io/fluxcd', use: components },
  'registry-creds': { type: 'text', use: secret },
  'image-pull-secret': { type: 'text', use: components },
  'watch-all-namespaces': { type: 'flag', default: 'true', use: components },
  'network-policy': { type: 'flag', default: 'true', use: components },
  'log-level': { type: 'text', default: 'info', values: ['debug', 'info', 'error'], use: components },
  'cluster-domain': { type: 'text', default: 'cluster.local', use: components },
  'toleration-keys': { type: 'list', use: components },
  manifests: { type: 'text', use: { warn: 'say it on the command line: --flux-manifests' } },
  force: { type: 'flag', default: 'false', use: { refuse: 'a Flux that Helm installed is never overridden' } },
  verbose: { type: 'flag', default: 'false', use: { warn: 'output is chosen on the command line' } },
  'ns-follows-kube-context': {
    type: 'flag',
    default: 'false',
    use: { refuse: 'write the namespace in the flag namespace' },
  },
  'kube-api-qps': { type: 'integer', default: '50', use: { warn: 'the client of Sluice limits itself' } },
  'kube-api-burst': { type: 'integer', default: '300', use: { warn: 'the client of Sluice limits itself' } },
  'cache-dir': { type: 'text', use: { warn: 'discovery is not kept on disk' } },
  'disable-compression': { type: 'flag', default: 'false', use: { warn: 'it has no effect here' } },
  'request-timeout': { type: 'duration', use: { warn: 'calls have a timeout of their own' } },
  as: { type: 'text', use: login },
  'as-group': { type: 'list', use: login },
  'as-uid': { type: 'text', use: login },
  'as-user-extra': { type: 'list', use: login },
  'certificate-authority': { type: 'text', use: login },
  'client-certificate': { type: 'text', use: login },
  'client-key': { type: 'text', use: login },
  cluster: { type: 'text', use: login },
  'insecure-skip-tls-verify': { type: 'flag', default: 'false', use: login },
  server: { type: 'text', use: login },
  'tls-server-name': { type: 'text', use: login },
  token: { type: 'text', use: secret },
  user: { type: 'text', use: login },
} as const satisfies Readonly<Record<string, FluxFlag>>

export type FluxFlagName = keyof typeof fluxFlags
