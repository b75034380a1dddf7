import { Failure } from '../failure.ts'
import { Resource } from '../resource.ts'
import { Mapping, text } from '../yaml/node.ts'

interface IamArgs {
  readonly cloud?: string
  readonly kubernetesService?: { readonly namespace?: string; readonly name?: string }
  readonly serviceAccount?: { readonly name?: string; readonly projectId?: string }
}

/** A ServiceAccount bound to a Google service account (the builtin IAMPolicyGenerator). */
export function iamPolicyGenerator(args: IamArgs): Resource[] {
  if (args.cloud !== 'gke') throw new Failure(`cloud provider ${args.cloud ?? ''} not supported yet`)
  const { namespace = '', name = '' } = args.kubernetesService ?? {}
  const account = args.serviceAccount ?? {}
  const email = `${account.name ?? ''}@${account.projectId ?? ''}.iam.gserviceaccount.com`
  const annotations = new Mapping(new Map([['iam.gke.io/gcp-service-account', text(email)]]))
  const metadata = new Mapping(new Map<string, Mapping | ReturnType<typeof text>>([['annotations', annotations]]))
  metadata.set('name', text(name))
  if (namespace !== '') metadata.set('namespace', text(namespace))
  const node = new Mapping(
    new Map<string, Mapping | ReturnType<typeof text>>([
      ['apiVersion', text('v1')],
      ['kind', text('ServiceAccount')],
    ]),
  )
  node.set('metadata', metadata)
  return [new Resource(node)]
}
