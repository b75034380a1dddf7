import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import type { Fleet } from '../../bootstrap/index.ts'
import { type Connection, openConnection } from '../../connections/index.ts'
import { contextsIn, pastedKubeConfig } from '../../kube/client/index.ts'
import { redact } from '../../secrets/secret.ts'
import { branchNameProblem, repositoryPathProblem } from '../../specs/git-names.ts'
import type { ServerContext } from '../context.ts'
import type { FleetAddCheck, FleetAddWish, WishProblem } from '../contract/fleet-add.ts'
import { checkEngine, refuseOtherEngine } from './engine.ts'
import { branchOf, fleetOf, readSpecs, repositoryOf } from './fleet-of.ts'
import { onPage } from './words.ts'

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const mostProblems = 100

/** What a wish means and what is wrong with it, as far as that can be told without asking the host or a cluster. */
export async function checkWish(context: ServerContext, wish: FleetAddWish): Promise<FleetAddCheck> {
  const problems: WishProblem[] = []
  const note = (field: WishProblem['field'], error: unknown) => problems.push(...problemsOf(field, error))
  let specs: Fleet | undefined
  if (wish.what === 'specs' && wish.files.some(file => file.text.trim() !== '')) {
    try {
      specs = readSpecs(wish)
    } catch (error) {
      note('files', error)
    }
  }
  if (wish.what === 'any' && wish.name !== '' && !label.test(wish.name.trim())) {
    const message = 'Lower-case letters, digits and hyphens, at most 63: Kubernetes has such names.'
    problems.push({ field: 'name', message })
  }
  const branch = wish.what === 'specs' || wish.branch.trim() === '' ? undefined : branchNameProblem(wish.branch.trim())
  if (branch !== undefined) problems.push({ field: 'branch', message: `Git refuses this name: ${branch}.` })
  const path = wish.what === 'any' ? repositoryPathProblem(wish.path.trim()) : undefined
  if (path !== undefined) problems.push({ field: 'path', message: `This is no folder of a repository: ${path}.` })
  const engine = wish.what === 'import' ? { problems: [] } : checkEngine(wish, specs)
  problems.push(...engine.problems)
  const place = await placeOf(context, wish, specs, problems)
  const kubeconfig = await kubeconfigOf(context, wish, problems)
  return {
    problems: problems.slice(0, mostProblems),
    warnings: (specs?.warnings ?? []).slice(0, mostProblems).map(redact),
    ...(wish.what !== 'specs' ? { kind: wish.what } : specs ? { kind: specs.eksctl ? 'eksctl' : 'eks-anywhere' } : {}),
    clusters: clustersOf(wish, specs),
    ...(place === undefined ? {} : { place }),
    ...kubeconfig,
    ...(engine.flux === undefined ? {} : { flux: engine.flux }),
  }
}

/** @throws E_REQUEST_INVALID with what is wrong first, before anything is asked */
export async function requireGoodWish(context: ServerContext, wish: FleetAddWish): Promise<void> {
  refuseOtherEngine(wish)
  const { problems, place, clusters } = await checkWish(context, wish)
  const [first] = problems
  const refuse = (object: string, seen: string, next?: string): never => {
    throw new SluiceError('E_REQUEST_INVALID', { object, seen, ...(next === undefined ? {} : { next }) })
  }
  if (first)
    refuse(
      [first.file ?? first.field, first.line].filter(Boolean).join(':'),
      problems.length > 1 ? `${first.message} (and ${problems.length - 1} more)` : first.message,
      first.next,
    )
  if (wish.what === 'specs' && clusters.length === 0) refuse('files', 'no specs')
  if (wish.what === 'any' && wish.name.trim() === '') refuse('name', 'no name for the cluster')
  if (place === undefined) refuse('connection', 'no connection')
}

async function placeOf(
  context: ServerContext,
  wish: FleetAddWish,
  specs: Fleet | undefined,
  problems: WishProblem[],
): Promise<FleetAddCheck['place']> {
  if (wish.connection === '') return undefined
  let connection: Connection
  try {
    connection = await context.connections.get(wish.connection)
  } catch (error) {
    problems.push(...problemsOf('connection', error))
    return undefined
  }
  const { clock, logger } = context
  const forge = openConnection(connection, await context.connections.credential(connection.id), { clock, logger })
  try {
    if (wish.what === 'import') {
      const { owner, name } = repositoryOf(wish, connection, forge)
      const { url } = forge.remote(owner, name)
      return { fixed: false, repository: named(owner, name), url, branch: branchOf(wish, connection), path: '' }
    }
    if (wish.what === 'specs' && specs === undefined) return undefined
    const fleet = fleetOf(wish, connection, forge)
    const { url } = forge.remote(fleet.owner, fleet.repository)
    const repository = named(fleet.owner, fleet.repository)
    return { fixed: wish.what === 'specs', repository, url: redact(url), branch: fleet.branch, path: fleet.path }
  } catch (error) {
    problems.push(...problemsOf(wish.what === 'specs' ? 'connection' : 'repository', error))
    return undefined
  } finally {
    await forge.close()
  }
}

function named(owner: string, name: string): string {
  return owner === '' ? name : `${owner}/${name}`
}

function clustersOf(wish: FleetAddWish, specs: Fleet | undefined): FleetAddCheck['clusters'] {
  if (wish.what === 'any' && wish.name.trim() !== '') return [{ name: wish.name.trim(), role: 'any' }]
  if (specs?.eksctl) return [{ name: specs.eksctl.cluster, role: 'eksctl' }]
  return (specs?.clusters ?? []).map(one => ({ name: one.name, role: one.management ? 'management' : 'workload' }))
}

async function kubeconfigOf(
  { clock }: ServerContext,
  { kubeconfig }: FleetAddWish,
  problems: WishProblem[],
): Promise<Pick<FleetAddCheck, 'kubeconfig'>> {
  if (kubeconfig === undefined || kubeconfig.text.trim() === '') return {}
  try {
    const { names, current } = contextsIn(kubeconfig.text)
    const contexts = names.slice(0, 200).map(redact)
    try {
      const { server } = await pastedKubeConfig(kubeconfig.text, kubeconfig.context, clock)
      return { kubeconfig: { contexts, current: redact(current), server: redact(server) } }
    } catch (error) {
      problems.push(...problemsOf('kubeconfig', error))
      return { kubeconfig: { contexts, current: redact(current) } }
    }
  } catch (error) {
    problems.push(...problemsOf('kubeconfig', error))
    return {}
  }
}

/** An error as what is wrong with a field; those of specs say each problem with its line. */
function problemsOf(field: WishProblem['field'], thrown: unknown): WishProblem[] {
  const error = asSluiceError(thrown)
  const { details } = error.facts
  const listed = isObject(details) && Array.isArray(details['problems']) ? details['problems'].filter(isObject) : []
  if (listed.length > 0)
    return listed.map(one => ({
      field,
      ...(typeof one['file'] === 'string' ? { file: one['file'] } : {}),
      ...(typeof one['line'] === 'number' ? { line: one['line'] } : {}),
      message: redact(withoutPlace(String(one['message']), one)),
    }))
  // What could not be read of a kubeconfig is not quoted: it holds credentials.
  const message = field === 'kubeconfig' && error.code === 'E_YAML_SYNTAX' ? 'The YAML cannot be read.' : error.message
  return [{ field, message: redact(message), next: redact(onPage(error.next)) }]
}

/** Without the place in front, which is shown beside it. */
function withoutPlace(message: string, { file }: Record<string, unknown>): string {
  const start = `${String(file)}:`
  return message.startsWith(start) ? message.slice(start.length).replace(/^(\d+:)*\s*/, '') : message
}
