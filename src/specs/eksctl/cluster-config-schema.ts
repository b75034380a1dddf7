import { type FromSchema, flag, integer, list, object, text, textMap } from '../schema.ts'

/** Group and version of eksctl's files. */
export const eksctlGroup = 'eksctl.io'
export const eksctlApiVersion = `${eksctlGroup}/v1alpha5`

const scaling = {
  desiredCapacity: integer('Nodes to have now. Without it the count belongs to the autoscaler.'),
  maxSize: integer('Most nodes. Default: `minSize`, or `desiredCapacity` when only that is given.'),
  minSize: integer('Fewest nodes. Default: `desiredCapacity`, or 2 when nothing is given.'),
}

const iam = object('Roles of the nodes.', {
  instanceRoleARN: text('Role of the nodes; made by eksctl when absent.'),
})

const shared = {
  ...scaling,
  iam,
  instanceType: text('Type of the machines.'),
  labels: textMap('Labels of the nodes.'),
  name: text('Name of the group, once in the file.'),
  subnets: list('Subnets of the nodes.', text('Id or name.')),
  tags: textMap(
    'Tags in AWS. `k8s.io/cluster-autoscaler/enabled: "true"` says that the autoscaler sizes the group within its bounds.',
  ),
}

const updateConfig = object('How many nodes may be away during an update: exactly one of the two.', {
  maxUnavailable: integer('As a number, at most `maxSize`.'),
  maxUnavailablePercentage: integer('As a percentage.'),
})

/** What of a ClusterConfig Sluice acts on. All other fields are checked against eksctl's own and carried as they are. */
export const clusterConfigSchema = object(
  'An EKS cluster as eksctl describes it.',
  {
    gitops: object('Where the cluster is kept in Git.', {
      flux: object(
        'What `flux bootstrap` is run with.',
        {
          flags: textMap('Flags of `flux bootstrap` without the dashes; every value is a text.'),
          gitProvider: text('`github`, `gitlab`, `gitea`, `bitbucket-server` or `git`.'),
        },
        ['gitProvider', 'flags'],
      ),
    }),
    managedNodeGroups: list(
      'Node groups that EKS manages.',
      object(
        'One group.',
        {
          ...shared,
          instanceTypes: list('Types of the machines.', text('A type.')),
          launchTemplate: object('An own launch template.', { id: text('Its id.'), version: text('Its version.') }),
          spot: flag('Whether to use spot instances.'),
          taints: list(
            'Taints of the nodes.',
            object('One taint.', { effect: text('Effect.'), key: text('Key.'), value: text('Value.') }),
          ),
          updateConfig,
        },
        ['name'],
      ),
    ),
    metadata: object(
      'Which cluster it is.',
      {
        name: text('Name of the cluster.'),
        region: text('AWS region.'),
        tags: textMap('Tags of everything that eksctl makes.'),
        version: text('Kubernetes version, in quotes.'),
      },
      ['name', 'region'],
    ),
    nodeGroups: list('Node groups of an own auto scaling group each.', object('One group.', shared, ['name'])),
    outpost: object('AWS Outposts: not possible together with GitOps.', {
      controlPlaneOutpostARN: text('The Outpost.'),
    }),
  },
  ['metadata'],
)

/** A ClusterConfig: the typed part of it. */
export type ClusterConfig = FromSchema<typeof clusterConfigSchema> & { readonly [key: string]: unknown }
export type ManagedNodeGroup = NonNullable<ClusterConfig['managedNodeGroups']>[number]
export type SelfManagedNodeGroup = NonNullable<ClusterConfig['nodeGroups']>[number]
