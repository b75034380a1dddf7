import { isObject } from '../../base/json.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { SpecDocument } from '../document.ts'
import { editDocument } from '../document-edit.ts'
import type { ClusterSpec } from './cluster-spec.ts'
import { eksaKindOf } from './kinds.ts'
import { providers } from './providers.ts'
import { refuseSecrets } from './secrets.ts'

// The order in which EKS Anywhere writes a cluster's objects; what is not in it comes last, in the order of the file.
const order: readonly string[] = [
  'Cluster',
  ...providers.map(provider => provider.datacenter),
  ...providers.flatMap(provider => provider.machine ?? []),
  'GitOpsConfig',
  'FluxConfig',
  'OIDCConfig',
  'AWSIamConfig',
  'TinkerbellTemplateConfig',
  'SnowIPPool',
]

/**
 * The text of `eksa-cluster.yaml`: the cluster's documents in EKS Anywhere's order, with defaults filled in. Each document
 * keeps its own text (comments, order, quoting) but for the places that a default changes; a file that is in order and
 * complete comes back byte for byte.
 *
 * @throws SluiceError E_SPEC_SECRET when a document holds a secret.
 */
export function marshalClusterFile(spec: ClusterSpec): string {
  refuseSecrets(spec.documents)
  const rank = ({ object }: SpecDocument): number => {
    const at = eksaKindOf(object) === undefined ? -1 : order.indexOf(object.kind)
    return at < 0 ? order.length : at
  }
  const documents = [...spec.documents].sort((a, b) => rank(a) - rank(b))
  const texts = new Map(documents.map(document => [document, editDocument(document.text, finished(document, spec))]))
  if (documents.every((document, i) => document === spec.documents[i])) return inPlace(spec, texts)
  return documents.map(document => ended(texts.get(document) ?? document.text)).join('---\n')
}

/** The object as it goes to Git: with defaults, and without what only a server sets. */
function finished({ object }: SpecDocument, spec: ClusterSpec): KubeObject {
  const kind = eksaKindOf(object)
  const full = kind === undefined ? structuredClone(object) : kind.applyDefaults(object)
  const path = spec.flux?.spec.clusterConfigPath
  if (kind?.kind === 'FluxConfig' && isObject(full['spec'])) full['spec']['clusterConfigPath'] ||= path
  if (kind?.kind === 'GitOpsConfig') {
    const github = (full['spec'] as { flux?: { github?: Record<string, unknown> } }).flux?.github
    if (github !== undefined) github['clusterConfigPath'] ||= path
  }
  const network = (full['spec'] as { clusterNetwork?: Record<string, unknown> } | undefined)?.clusterNetwork
  if (kind?.kind === 'Cluster' && isObject(network?.['dns']) && network['dns']['resolvConf'] === undefined) {
    delete network['dns']
  }
  delete full['status']
  for (const name of [
    'resourceVersion',
    'uid',
    'creationTimestamp',
    'generation',
    'managedFields',
    'ownerReferences',
  ]) {
    delete full.metadata[name]
  }
  return full
}

/** The file's own text with its documents exchanged. */
function inPlace(spec: ClusterSpec, texts: ReadonlyMap<SpecDocument, string>): string {
  let out = ''
  let at = 0
  for (const document of spec.documents) {
    const text = texts.get(document) ?? document.text
    out += spec.text.slice(at, document.offset)
    at = document.offset + document.text.length
    out += at < spec.text.length ? ended(text) : text
  }
  return ended(out + spec.text.slice(at))
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
