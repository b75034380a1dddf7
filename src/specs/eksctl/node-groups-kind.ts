import { conditions, duration, localReference } from '../flux/shared.ts'
import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, integer, list, object, oneOf, text } from '../schema.ts'

/** Group of Sluice's own kinds. */
export const sluiceGroup = 'fleet.sluice.dev'

const size = {
  desired: integer('Nodes to have now; absent when Git leaves it to the autoscaler.'),
  max: integer('Most nodes.'),
  min: integer('Fewest nodes.'),
}

// On their own: inside of a list, the compiler would blur their types.
const gitSize = object('What the file says, with defaults.', size)
const liveSize = object('What AWS says.', size)

const group = object(
  'One group.',
  {
    drift: text('How AWS differs from the file; absent when it does not.'),
    git: gitSize,
    kind: oneOf('Who runs it.', ['managed', 'self-managed']),
    live: liveSize,
    message: text('Why it is not in line, and what to do.'),
    name: text('Name.'),
    nodes: integer('Nodes that run now.'),
    state: oneOf('Where it stands.', [
      'InSync',
      'Updating',
      'Waiting',
      'Drifted',
      'Missing',
      'Extra',
      'Creating',
      'Deleting',
      'Refused',
      'Failed',
    ]),
    updateId: text('The update of EKS that runs, or that failed last.'),
  },
  ['kind', 'name', 'state'],
)

/** EksctlCluster `fleet.sluice.dev/v1alpha1`: node groups that follow a ClusterConfig in Git. */
export const eksctlClusterKind = defineKind({
  group: sluiceGroup,
  version: 'v1alpha1',
  kind: 'EksctlCluster',
  plural: 'eksctlclusters',
  categories: ['all', 'sluice'],
  description: 'An eksctl cluster whose node groups follow a ClusterConfig in Git.',
  columns: [
    { name: 'Groups', type: 'integer', jsonPath: '.status.groupCount' },
    { name: 'Nodes', type: 'integer', jsonPath: '.status.nodes' },
    { name: 'Revision', type: 'string', jsonPath: '.status.lastAppliedRevision', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Status', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message' },
  ],
  spec: object(
    'Which file is followed, and what may be done.',
    {
      autoscaled: list(
        'Groups whose count belongs to the cluster autoscaler even if the file has a desiredCapacity: only their bounds are set.',
        text('Name of a group.'),
      ),
      configPath: text('Path of the ClusterConfig in the repository.', { minLength: 1 }),
      dryRun: flag('Only report what would be done.'),
      extra: oneOf('What to do with a group that is in AWS and not in the file.', ['Report', 'Delete'], {
        default: 'Report',
      }),
      interval: text('How often AWS is compared with the file.', { default: '5m0s', pattern: duration }),
      missing: oneOf('What to do with a group that is in the file and not in AWS.', ['Report', 'Create'], {
        default: 'Report',
      }),
      sourceRef: localReference('GitRepository with the file.'),
      suspend: flag('Leave the node groups alone.'),
    },
    ['configPath', 'sourceRef'],
  ),
  status: object('What was found and done last.', {
    conditions,
    groupCount: integer('Groups in the file.'),
    groups: list('Every group of the file and of AWS.', group),
    kubernetesVersion: text('Version that the file asks for.'),
    lastAppliedRevision: text('The revision that AWS agrees with.'),
    lastAttemptedRevision: text('The revision that was read last.'),
    lastHandledReconcileAt: text('The last `reconcile.fluxcd.io/requestedAt` that was acted on.'),
    nodes: integer('Nodes of all groups that run now.'),
    observedGeneration: integer('The generation that was handled last.', { format: 'int64' }),
    region: text('Region of the cluster.'),
  }),
})

/** An EksctlCluster as the API holds it. */
export type EksctlCluster = ObjectOf<typeof eksctlClusterKind>
