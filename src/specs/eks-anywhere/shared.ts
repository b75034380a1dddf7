import { integer, intOrText, list, object, oneOf, text } from '../schema.ts'

/** Group of EKS Anywhere's kinds. */
export const eksaGroup = 'anywhere.eks.amazonaws.com'
/** Version of EKS Anywhere's kinds. */
export const eksaVersion = 'v1alpha1'
/** `apiVersion` of EKS Anywhere's kinds. */
export const eksaApiVersion = `${eksaGroup}/${eksaVersion}`

/** Annotations that EKS Anywhere acts on. */
export const eksaAnnotations = {
  /** `true`: the controller leaves the cluster alone. */
  paused: `${eksaGroup}/paused`,
  /** `true`: a paused cluster may still be deleted. */
  allowDeleteWhenPaused: `${eksaGroup}/allow-delete-when-paused`,
  /** `true`: the CLI, not the controller, manages the cluster. */
  managedByCli: `${eksaGroup}/managed-by-cli`,
  /** Present: any step of eksaVersion is allowed. */
  skipVersionSkewCheck: `${eksaGroup}/skip-eksa-version-skew-check`,
} as const

/** A kind and a name of an object beside the cluster. */
export const reference = (description: string) =>
  object(description, { kind: text('Kind of the object.'), name: text('Name of the object.') })

export const taints = (description: string) =>
  list(
    description,
    object(
      'One taint.',
      {
        effect: text('`NoSchedule`, `PreferNoSchedule` or `NoExecute`.'),
        key: text('Key.'),
        timeAdded: text('When the taint was added.', { format: 'date-time' }),
        value: text('Value.'),
      },
      ['effect', 'key'],
    ),
  )

export const machineHealthCheck = (description: string) =>
  object(description, {
    maxUnhealthy: intOrText('How many machines may be unhealthy for repair to go on, as a number or a percentage.'),
    nodeStartupTimeout: text('How long a machine may take to join.'),
    unhealthyMachineTimeout: text('How long a machine may be unhealthy before it is replaced.'),
  })

export const users = list(
  'Users that are made on the machines.',
  object('One user.', { name: text('Name.'), sshAuthorizedKeys: list('Public SSH keys.', text('A public key.')) }, [
    'name',
    'sshAuthorizedKeys',
  ]),
)

/** Conditions in the form of Cluster API. */
export const clusterApiConditions = list(
  'What is true of the object now.',
  object(
    'One condition.',
    {
      lastTransitionTime: text('When the status last changed.', { format: 'date-time' }),
      message: text('Details for people.', { maxLength: 10240, minLength: 1 }),
      reason: text('Why, in one CamelCase word.', { maxLength: 256, minLength: 1 }),
      severity: text('How bad it is: `Error`, `Warning`, `Info`; empty when the status is True.', { maxLength: 32 }),
      status: text('`True`, `False` or `Unknown`.'),
      type: text('What the condition is about.', { maxLength: 256, minLength: 1 }),
    },
    ['lastTransitionTime', 'status', 'type'],
  ),
)

/** A status without fields: the kind has the subresource and nothing reports in it. */
export const emptyStatus = object('Nothing is reported.', {})

export const generation = (description: string) => integer(description, { format: 'int64' })

/** A thing of Nutanix Prism, by name or id. */
export const nutanixIdentifier = (description: string) =>
  object(
    description,
    {
      name: text('Name, with `type: name`.'),
      type: oneOf('How it is named.', ['uuid', 'name']),
      uuid: text('Id, with `type: uuid`.'),
    },
    ['type'],
  )
