import { randomUUID } from 'node:crypto'
import { isObject } from '../../base/json.ts'
import { AwsFailure, type AwsState, account, type Nodegroup, type Scaling, type Update } from './state.ts'

/** A request of EKS's REST API, told apart. */
export interface EksCall {
  readonly action: string
  readonly run: (state: AwsState, world: EksWorld) => unknown
}

/** What the handlers need beside the state. */
export interface EksWorld {
  readonly region: string
  now(): number
  /** Lets an asynchronous change come to its end later. */
  later(work: () => void): void
  /** What the next update ends with. */
  readonly updateFailure: () => { errorCode: string; errorMessage: string } | undefined
}

type Body = Readonly<Record<string, unknown>>

/** Which operation a request is; undefined for none that is served here. */
export function eksCall(method: string, path: string, query: URLSearchParams, body: unknown): EksCall | undefined {
  const [, clusters, cluster = '', kind, name, last] = path.split('/').map(decodeURIComponent)
  if (clusters !== 'clusters') return undefined
  const input = isObject(body) ? body : {}
  const call = (action: string, run: EksCall['run']): EksCall => ({ action: `eks:${action}`, run })
  if (kind === 'node-groups' && name === undefined) {
    if (method === 'GET') return call('ListNodegroups', state => list(state, cluster, query))
    if (method === 'POST') return call('CreateNodegroup', (state, world) => create(state, world, cluster, input))
  }
  if (kind === 'node-groups' && name !== undefined && last === undefined) {
    if (method === 'GET') {
      return call('DescribeNodegroup', state => ({ nodegroup: shown(cluster, find(state, cluster, name)) }))
    }
    if (method === 'DELETE') return call('DeleteNodegroup', (state, world) => remove(state, world, cluster, name))
  }
  if (kind === 'node-groups' && last === 'update-config' && method === 'POST' && name !== undefined) {
    return call('UpdateNodegroupConfig', (state, world) => update(state, world, cluster, name, input))
  }
  if (kind === 'updates' && name !== undefined && method === 'GET') {
    return call('DescribeUpdate', state => describeUpdate(state, cluster, name, query))
  }
  return undefined
}

function groupsOf(state: AwsState, cluster: string): Map<string, Nodegroup> {
  const groups = state.clusters.get(cluster)
  if (!groups) throw new AwsFailure('ResourceNotFoundException', `No cluster found for name: ${cluster}.`, 404)
  return groups
}

function find(state: AwsState, cluster: string, name: string): Nodegroup {
  const group = groupsOf(state, cluster).get(name)
  if (!group) throw new AwsFailure('ResourceNotFoundException', `No node group found for name: ${name}.`, 404)
  return group
}

function list(state: AwsState, cluster: string, query: URLSearchParams): unknown {
  const names = [...groupsOf(state, cluster).keys()].sort()
  const most = Number(query.get('maxResults') ?? 100)
  if (!Number.isInteger(most) || most < 1 || most > 100) throw invalid('maxResults must be between 1 and 100')
  const from = Number(query.get('nextToken') ?? 0)
  if (!Number.isInteger(from)) throw invalid('The nextToken is invalid.')
  const rest = from + most < names.length ? { nextToken: String(from + most) } : {}
  return { nodegroups: names.slice(from, from + most), ...rest }
}

function shown(cluster: string, group: Nodegroup): unknown {
  return {
    ...group.settings,
    clusterName: cluster,
    nodegroupName: group.name,
    nodegroupArn: group.arn,
    status: group.status,
    scalingConfig: group.scaling,
    createdAt: group.createdAt / 1000,
    modifiedAt: group.modifiedAt / 1000,
    resources: { autoScalingGroups: [{ name: group.group }] },
    health: { issues: [] },
  }
}

/** The size that a request asks for, held to EKS's rules. */
function scalingOf(value: unknown, before: Scaling | undefined): Scaling {
  if (value !== undefined && !isObject(value)) throw invalid('scalingConfig must be an object')
  const read = (name: keyof Scaling, otherwise: number): number => {
    const given = value?.[name]
    if (given === undefined) return otherwise
    if (typeof given !== 'number' || !Number.isInteger(given) || given < 0) throw invalid(`${name} must be 0 or more`)
    return given
  }
  for (const key of Object.keys(value ?? {})) {
    if (!['minSize', 'maxSize', 'desiredSize'].includes(key)) throw invalid(`unknown field ${key}`)
  }
  const minSize = read('minSize', before?.minSize ?? 1)
  const maxSize = read('maxSize', before?.maxSize ?? 2)
  const desiredSize = read('desiredSize', before?.desiredSize ?? minSize)
  if (maxSize < 1) throw invalid('maxSize must be 1 or more')
  if (minSize > maxSize) throw invalid(`Minimum capacity ${minSize} can't be greater than maximum size ${maxSize}`)
  if (minSize > desiredSize)
    throw invalid(`Minimum capacity ${minSize} can't be greater than desired size ${desiredSize}`)
  if (desiredSize > maxSize) throw invalid(`Desired capacity ${desiredSize} can't be greater than max size ${maxSize}`)
  return { minSize, maxSize, desiredSize }
}

function update(state: AwsState, world: EksWorld, cluster: string, name: string, input: Body): unknown {
  const group = find(state, cluster, name)
  const token = String(input['clientRequestToken'] ?? '')
  const known = group.updates.find(one => one.token === token && token !== '')
  if (known) return { update: shownUpdate(known) }
  if (group.status !== 'ACTIVE') {
    const message = 'Nodegroup cannot be updated as it is currently not in Active State'
    throw new AwsFailure('ResourceInUseException', message, 409)
  }
  const target = scalingOf(input['scalingConfig'], group.scaling)
  const made: Update = { id: randomUUID(), token, target, createdAt: world.now(), status: 'InProgress', errors: [] }
  const failure = world.updateFailure()
  group.updates.push(made)
  group.status = 'UPDATING'
  group.modifiedAt = world.now()
  world.later(() => {
    group.status = 'ACTIVE'
    made.status = failure ? 'Failed' : 'Successful'
    if (failure) made.errors = [failure]
    else resize(state, group, target)
  })
  return { update: shownUpdate(made) }
}

function resize(state: AwsState, group: Nodegroup, target: Scaling): void {
  group.scaling = target
  const machines = state.groups.get(group.group)
  if (machines) {
    machines.scaling = target
    machines.instances = target.desiredSize
  }
}

function shownUpdate(made: Update): unknown {
  const { minSize, maxSize, desiredSize } = made.target
  return {
    id: made.id,
    status: made.status,
    type: 'ConfigUpdate',
    createdAt: made.createdAt / 1000,
    errors: made.errors,
    params: [
      { type: 'MinSize', value: String(minSize) },
      { type: 'MaxSize', value: String(maxSize) },
      { type: 'DesiredSize', value: String(desiredSize) },
    ],
  }
}

function describeUpdate(state: AwsState, cluster: string, id: string, query: URLSearchParams): unknown {
  const made = find(state, cluster, query.get('nodegroupName') ?? '').updates.find(one => one.id === id)
  if (!made) throw new AwsFailure('ResourceNotFoundException', `No update found for ID: ${id}`, 404)
  return { update: shownUpdate(made) }
}

function create(state: AwsState, world: EksWorld, cluster: string, input: Body): unknown {
  const groups = groupsOf(state, cluster)
  const { nodegroupName: name, nodeRole, subnets, scalingConfig, clientRequestToken, ...settings } = input
  if (typeof name !== 'string' || !/^[0-9A-Za-z][A-Za-z0-9_-]{0,62}$/.test(name)) throw invalid('nodegroupName')
  if (typeof nodeRole !== 'string' || !nodeRole.startsWith('arn:')) throw invalid('nodeRole must be an ARN')
  if (!Array.isArray(subnets) || subnets.length === 0) throw invalid('Subnets are not specified.')
  const before = groups.get(name)
  if (before && before.settings['clientRequestToken'] === clientRequestToken && clientRequestToken !== undefined)
    return { nodegroup: shown(cluster, before) }
  if (before) {
    const message = `NodeGroup already exists with name ${name} and cluster name ${cluster}`
    throw new AwsFailure('ResourceInUseException', message, 409)
  }
  const made = addNodegroup(state, world, cluster, name, scalingOf(scalingConfig, undefined), {
    ...settings,
    nodeRole,
    subnets,
    clientRequestToken,
  })
  made.status = 'CREATING'
  world.later(() => {
    made.status = 'ACTIVE'
  })
  return { nodegroup: shown(cluster, made) }
}

/** Puts an active group with its machines into the state. */
export function addNodegroup(
  state: AwsState,
  world: Pick<EksWorld, 'region' | 'now'>,
  cluster: string,
  name: string,
  scaling: Scaling,
  settings: Readonly<Record<string, unknown>> = {},
): Nodegroup {
  const id = randomUUID()
  const group = `eks-${name}-${id}`
  const made: Nodegroup = {
    name,
    arn: `arn:aws:eks:${world.region}:${account}:nodegroup/${cluster}/${name}/${id}`,
    group,
    status: 'ACTIVE',
    scaling,
    createdAt: world.now(),
    modifiedAt: world.now(),
    settings,
    updates: [],
  }
  groupsOf(state, cluster).set(name, made)
  state.groups.set(group, { name: group, scaling, instances: scaling.desiredSize, tags: {} })
  return made
}

function remove(state: AwsState, world: EksWorld, cluster: string, name: string): unknown {
  const group = find(state, cluster, name)
  if (group.status !== 'ACTIVE' && group.status !== 'CREATE_FAILED') {
    throw new AwsFailure('ResourceInUseException', `Nodegroup ${name} is in status ${group.status}`, 409)
  }
  group.status = 'DELETING'
  world.later(() => {
    groupsOf(state, cluster).delete(name)
    state.groups.delete(group.group)
  })
  return { nodegroup: shown(cluster, group) }
}

function invalid(message: string): AwsFailure {
  return new AwsFailure('InvalidParameterException', message, 400)
}
