import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Callers } from './callers.ts'
import { addNodegroup, type EksWorld, eksCall } from './eks.ts'
import { type Fault, Faults, failureOf } from './faults.ts'
import { QueryInput, toXml } from './query.ts'
import { queryOperations } from './query-services.ts'
import { AwsFailure, type AwsState, account, emptyState, type Scaling, type Stack } from './state.ts'

export interface AwsOptions {
  /** `eu-north-1` when absent. */
  readonly region?: string
  readonly port?: number
  /** How long an update of a node group takes, in milliseconds; it waits for `settle` when absent. */
  readonly updateMs?: number
  /** Entries a page of every listing but EKS's; 100 when absent. */
  readonly pageSize?: number
}

/** One call that was served or refused. */
export interface AwsCall {
  readonly action: string
  readonly status: number
  readonly code?: string
  readonly body: string
}

/** What there is beside EKS's own groups. */
export interface AwsAdmin {
  addCluster(name: string): void
  /** A managed group; with `stack` one that eksctl made. */
  addManaged(cluster: string, name: string, scaling: Scaling, options?: { readonly stack?: boolean }): void
  /** A group of eksctl's own: a stack with an auto scaling group, a launch template and an image. */
  addSelfManaged(cluster: string, name: string, scaling: Scaling): void
  removeImage(cluster: string, name: string): void
  /** Sizes changed behind everybody's back. */
  setScaling(cluster: string, name: string, scaling: Scaling): void
  /** Makes the next update end as failed. */
  failNextUpdate(errorCode: string, errorMessage: string): void
}

/** A running endpoint that speaks EKS, Auto Scaling, CloudFormation and EC2 as far as node groups need them. */
export interface SandboxAws {
  readonly url: string
  readonly region: string
  readonly state: AwsState
  readonly admin: AwsAdmin
  readonly callers: Callers
  readonly calls: readonly AwsCall[]
  /** Orders a fault; the returned function takes it back. */
  misbehave(fault: Fault): () => void
  /** Brings every asynchronous change that runs to its end. */
  settle(): void
  close(): Promise<void>
}

/** The key that the endpoint knows from the start. */
export const sandboxAwsKey = { accessKeyId: 'AKIDSANDBOX', user: 'sandbox' } as const

const maxBody = 1024 * 1024

export async function startAws(options: AwsOptions = {}): Promise<SandboxAws> {
  const { region = 'eu-north-1', updateMs, pageSize = 100 } = options
  const state = emptyState()
  const faults = new Faults()
  const callers = new Callers()
  callers.add(sandboxAwsKey)
  const calls: AwsCall[] = []
  const pending = new Set<() => void>()
  let failure: { errorCode: string; errorMessage: string } | undefined
  const world: EksWorld = {
    region,
    now: () => Date.now(),
    later: work => {
      const once = () => {
        if (pending.delete(once)) work()
      }
      pending.add(once)
      if (updateMs !== undefined) setTimeout(once, updateMs).unref()
    },
    updateFailure: () => {
      const next = failure
      failure = undefined
      return next
    },
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request)
    const url = new URL(request.url ?? '/', 'http://aws')
    let action = 'unknown'
    const record = (status: number, code?: string) => {
      calls.push({ action, status, body, ...(code === undefined ? {} : { code }) })
    }
    try {
      const service = callers.service(request, region)
      const call = prepare(service, request, url, body)
      action = call.action
      const caller = callers.authorize(request, action)
      const fault = faults.next(action)
      if (fault?.kind === 'slow') await new Promise(resolve => setTimeout(resolve, fault.delayMs ?? 1000))
      if (fault?.kind === 'drop') {
        record(0, 'drop')
        return void request.socket.destroy()
      }
      const failed = fault && failureOf(fault.kind, action, caller)
      if (failed) throw failed
      const answer = call.run()
      record(200)
      // The work is done, and nobody hears of it.
      if (fault?.kind === 'lost-answer') return void request.socket.destroy()
      response.writeHead(200, { 'content-type': service === 'eks' ? 'application/json' : 'text/xml' }).end(answer)
    } catch (error) {
      if (!(error instanceof AwsFailure)) throw error
      record(error.status, error.code)
      sendFailure(response, action, error)
    }
  }

  const prepare = (service: string, request: IncomingMessage, url: URL, body: string) => {
    if (service === 'eks') {
      const call = eksCall(request.method ?? '', url.pathname, url.searchParams, parseJson(body))
      if (!call) throw new AwsFailure('UnknownOperationException', `${request.method} ${url.pathname}`, 404)
      return { action: call.action, run: () => JSON.stringify(call.run(state, world)) }
    }
    const input = new QueryInput(body)
    const name = `${service}:${input.action}`
    const operation = Object.hasOwn(queryOperations, name) ? queryOperations[name] : undefined
    if (!operation || input.version === '') {
      throw new AwsFailure('InvalidAction', `The action ${input.action} is not valid for this endpoint.`)
    }
    const run = () => {
      const result = operation(state, input, pageSize)
      if (service === 'ec2') {
        return `<${input.action}Response><requestId>${randomUUID()}</requestId>${toXml(result, 'item')}</${input.action}Response>`
      }
      const inner = result === undefined ? '' : `<${input.action}Result>${toXml(result)}</${input.action}Result>`
      return `<${input.action}Response>${inner}<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${input.action}Response>`
    }
    return { action: name, run }
  }

  const server = createServer({ requestTimeout: 60_000, headersTimeout: 15_000 }, (request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region,
    state,
    callers,
    calls,
    admin: adminOf(state, world, next => {
      failure = next
    }),
    misbehave: fault => faults.add(fault),
    settle: () => {
      for (const work of [...pending]) work()
    },
    close: () =>
      new Promise(resolve => {
        pending.clear()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function adminOf(
  state: AwsState,
  world: EksWorld,
  fail: (next: { errorCode: string; errorMessage: string }) => void,
): AwsAdmin {
  const stack = (cluster: string, name: string, type: string, resources: Stack['resources']) => {
    const stackName = `eksctl-${cluster}-nodegroup-${name}`
    state.stacks.set(stackName, {
      name: stackName,
      id: `arn:aws:cloudformation:${world.region}:${account}:stack/${stackName}/${randomUUID()}`,
      status: 'CREATE_COMPLETE',
      createdAt: world.now(),
      tags: {
        'alpha.eksctl.io/cluster-name': cluster,
        'alpha.eksctl.io/nodegroup-name': name,
        'alpha.eksctl.io/nodegroup-type': type,
      },
      resources,
    })
  }
  const selfManaged = (cluster: string, name: string) => `eksctl-${cluster}-nodegroup-${name}-NodeGroup`
  return {
    addCluster: name => void state.clusters.set(name, new Map()),
    addManaged: (cluster, name, scaling, options) => {
      addNodegroup(state, world, cluster, name, scaling)
      const resource = { type: 'AWS::EKS::Nodegroup', id: `${cluster}/${name}` }
      if (options?.stack) stack(cluster, name, 'managed', { ManagedNodeGroup: resource })
    },
    addSelfManaged: (cluster, name, scaling) => {
      const group = selfManaged(cluster, name)
      const template = `lt-${name}`
      const image = `ami-${name}`
      state.launchTemplates.set(template, new Map([['1', image]]))
      state.images.add(image)
      state.groups.set(group, {
        name: group,
        scaling,
        instances: scaling.desiredSize,
        launchTemplate: { id: template, version: '1' },
        tags: {},
      })
      stack(cluster, name, 'unmanaged', { NodeGroup: { type: 'AWS::AutoScaling::AutoScalingGroup', id: group } })
    },
    removeImage: (_, name) => void state.images.delete(`ami-${name}`),
    setScaling: (cluster, name, scaling) => {
      const managed = state.clusters.get(cluster)?.get(name)
      const group = state.groups.get(managed?.group ?? selfManaged(cluster, name))
      if (managed) {
        managed.scaling = scaling
        managed.modifiedAt = world.now()
      }
      if (group) {
        group.scaling = scaling
        group.instances = scaling.desiredSize
      }
    },
    failNextUpdate: (errorCode, errorMessage) => fail({ errorCode, errorMessage }),
  }
}

function sendFailure(response: ServerResponse, action: string, { code, message, status }: AwsFailure): void {
  if (action.startsWith('eks:')) {
    response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': code })
    response.end(JSON.stringify({ message }))
    return
  }
  const error = toXml({ Code: code, Message: message })
  response.writeHead(status, { 'content-type': 'text/xml' })
  response.end(
    action.startsWith('ec2:')
      ? `<Response><Errors><Error>${error}</Error></Errors><RequestID>${randomUUID()}</RequestID></Response>`
      : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  )
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > maxBody) throw new Error('too large')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(body: string): unknown {
  if (body === '') return undefined
  try {
    return JSON.parse(body)
  } catch {
    throw new AwsFailure('SerializationException', 'the body is no JSON', 400)
  }
}
