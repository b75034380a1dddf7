import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import type { EC2Client } from '@aws-sdk/client-ec2'
import type { EKSClient } from '@aws-sdk/client-eks'
import { version } from '../../base/version.ts'

/** How AWS is reached; everything else comes from the standard places (environment, profiles, instance role). */
export interface AwsAccess {
  readonly region: string
  /** One address for all services: the sandbox endpoint. `AWS_ENDPOINT_URL` does the same. */
  readonly endpoint?: string
  readonly credentials?: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
  /** Tries of one call, the first included; 6 when absent. The pauses between them grow. */
  readonly maxAttempts?: number
}

/** AWS's own clients for one region. Each is loaded when it is first used: they are large. */
export class AwsClients {
  readonly #config: Record<string, unknown>
  #eks: Promise<EKSClient> | undefined
  #autoScaling: Promise<AutoScalingClient> | undefined
  #cloudFormation: Promise<CloudFormationClient> | undefined
  #ec2: Promise<EC2Client> | undefined

  constructor(access: AwsAccess) {
    // What the SDK says about future versions of Node is no news for the people who run this one.
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
    const { region, endpoint, credentials, maxAttempts = 6 } = access
    this.#config = {
      region,
      maxAttempts,
      customUserAgent: `sluice/${version}`,
      requestHandler: { requestTimeout: 30_000, connectionTimeout: 5000, throwOnRequestTimeout: true },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials }),
    }
  }

  eks(): Promise<EKSClient> {
    this.#eks ??= import('@aws-sdk/client-eks').then(sdk => new sdk.EKSClient(this.#config))
    return this.#eks
  }

  autoScaling(): Promise<AutoScalingClient> {
    this.#autoScaling ??= import('@aws-sdk/client-auto-scaling').then(sdk => new sdk.AutoScalingClient(this.#config))
    return this.#autoScaling
  }

  cloudFormation(): Promise<CloudFormationClient> {
    this.#cloudFormation ??= import('@aws-sdk/client-cloudformation').then(
      sdk => new sdk.CloudFormationClient(this.#config),
    )
    return this.#cloudFormation
  }

  ec2(): Promise<EC2Client> {
    this.#ec2 ??= import('@aws-sdk/client-ec2').then(sdk => new sdk.EC2Client(this.#config))
    return this.#ec2
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    for (const client of [this.#eks, this.#autoScaling, this.#cloudFormation, this.#ec2]) {
      await client?.then(
        one => one.destroy(),
        () => undefined,
      )
    }
  }
}
