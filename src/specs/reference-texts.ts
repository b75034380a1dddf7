/** What opens the reference page of a kind. */
export const introductions = {
  Cluster: `A Kubernetes cluster and its groups of machines. A file holds one Cluster and the objects that it names: a datacenter
config, machine configs, a [FluxConfig](fluxconfig.md), identity providers. Whole files stand in
[examples/eks-anywhere](../../examples/eks-anywhere).

Sluice checks a file before anything is written, and reports all problems at once, each with its line, field, value and
rule. In a repository, the file of a cluster is \`<clusterConfigPath>/<cluster>/eksa-system/eksa-cluster.yaml\`: the user's
own text, with these defaults filled in:

- \`metadata.namespace\`: \`default\`
- \`spec.workerNodeGroupConfigurations[0].name\`: \`md-0\`
- \`spec.workerNodeGroupConfigurations[].count\`: \`autoscalingConfiguration.minCount\` if that is set, else 1
- \`spec.clusterNetwork.cni\` is rewritten as \`spec.clusterNetwork.cniConfig\`
- \`spec.registryMirrorConfiguration.port\`: \`443\``,
  FluxConfig: `Where a management cluster and all its workload clusters are kept in Git. The Cluster names it in \`spec.gitOpsRef\`.
Exactly one of \`github\` and \`git\` is given. The config of a workload cluster has a name of its own and the same spec as
that of its management cluster.

\`clusterConfigPath\` is the folder of the whole fleet, not of one cluster:

\`\`\`
<clusterConfigPath>/
├── <systemNamespace>/{gotk-components,gotk-sync,kustomization}.yaml
└── <cluster>/eksa-system/{eksa-cluster,kustomization}.yaml
\`\`\`

Defaults: branch \`main\`, systemNamespace \`flux-system\`, clusterConfigPath \`clusters/<management cluster>\`, personal
\`false\`. GitOpsConfig is the old form; Sluice reads it as the FluxConfig that it means, and leaves it in the file as it
is.`,
} as const

/** In which ways Sluice treats a kind in another way than EKS Anywhere does. */
export const differences = {
  Cluster: [
    'A `gitOpsRef` that leads to no object in the file is an error; EKS Anywhere goes on without Git.',
    'A misspelt field is an error that names the right one. Other unknown fields are kept, with a warning; `spec.gitops` of early versions is refused.',
    'Cluster names are lower case and do not end with `-`, as the API server wants it; EKS Anywhere lets `Prod` pass its own check.',
    'A missing namespace is the same as `default`; EKS Anywhere compares the texts.',
    'All problems of all files are reported at once, with lines, and the files are checked against each other.',
    'A spec that holds a `licenseToken`, a token, a private key or a Secret is not written to Git.',
    'Comments, order and quotes of the file are kept; EKS Anywhere writes the file anew.',
    'Documents of kinds that Sluice does not know are kept, after the others; EKS Anywhere drops them.',
    'The rule that a management cluster cannot be created where one is already is left out of the sandbox: there, the engine creates it from Git.',
  ],
  FluxConfig: [
    'Branches are what `git check-ref-format` accepts: also `m`, `feature/a/b` and `release-1.0`, which EKS Anywhere refuses.',
    'Repository and owner follow the limits of GitHub: 100 and 39 characters, no `.git` at the end.',
    '`clusterConfigPath` may not be absolute or have `..` in it. `./a/` and `a` are the same folder.',
    '`git.repositoryUrl` may also be an `https://` address, `user@host:path`, or `http://` on the own machine (with a warning: EKS Anywhere takes only `ssh://`). The user name in an SSH address is honoured.',
    'Addresses with credentials in them are refused, and not shown.',
    'A GitOpsConfig is checked when it is created; EKS Anywhere checks it only in its command line.',
  ],
} as const
