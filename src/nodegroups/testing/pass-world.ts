import { readClusterConfig, specError } from '../../specs/index.ts'
import { AwsClients } from '../aws/clients.ts'
import { type PassOptions, type PassResult, runPass } from '../pass.ts'
import type { GroupStatus } from '../plan-group.ts'
import type { GroupPolicy } from '../policy.ts'

const careful: GroupPolicy = { missing: 'Report', extra: 'Report', autoscaled: [], dryRun: false }

/** Passes over the cluster `prod` of an endpoint, one after another, each knowing what the last one left. */
export class PassWorld {
  clients: AwsClients
  groups: readonly GroupStatus[] = []
  readonly #endpoint: { readonly url: string; readonly region: string }

  constructor(endpoint: { readonly url: string; readonly region: string }) {
    this.#endpoint = endpoint
    this.clients = this.#clientsOf(1, 'AKIDSANDBOX')
  }

  /** Goes on with other clients. */
  async reconnect(maxAttempts: number, accessKeyId = 'AKIDSANDBOX'): Promise<void> {
    await this.clients.close()
    this.clients = this.#clientsOf(maxAttempts, accessKeyId)
  }

  /** One pass over a file with this body. */
  async pass(body: string, policy: Partial<GroupPolicy> = {}, more: Partial<PassOptions> = {}): Promise<PassResult> {
    const text = `apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: prod, region: eu-north-1}\n${body}`
    const { found, problems } = readClusterConfig({ path: 'c.yaml', text })
    if (problems.length > 0 || !found) throw specError(problems)
    const result = await runPass({
      aws: this.clients,
      config: found.config,
      policy: { ...careful, ...policy },
      previous: this.groups,
      signal: AbortSignal.timeout(20_000),
      ...more,
    })
    this.groups = result.groups
    return result
  }

  #clientsOf(maxAttempts: number, accessKeyId: string): AwsClients {
    const credentials = { accessKeyId, secretAccessKey: 'sandbox' }
    const { url, region } = this.#endpoint
    return new AwsClients({ endpoint: url, region, credentials, maxAttempts })
  }
}

/** `name State` of each group. */
export function statesOf(result: PassResult): string[] {
  return result.groups.map(group => `${group.name} ${group.state}`)
}
