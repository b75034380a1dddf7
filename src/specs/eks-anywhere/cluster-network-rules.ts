import { isIP } from 'node:net'
import type { FieldError } from '../../kube/field-error.ts'
import { forbidden, invalid, notSupported, required } from '../../kube/field-errors.ts'
import type { Rule } from '../kind.ts'
import type { Cluster } from './cluster.ts'

const policyModes = ['default', 'always', 'never']
const routingModes = ['default', 'overlay', 'direct']

/** The rules of networks, proxies and registry mirrors. */
export const networkRules: readonly Rule<Cluster>[] = [
  {
    name: 'cidr-blocks',
    says: 'Pods and services each have exactly one CIDR block.',
    *check({ spec }) {
      yield* checkBlocks('spec.clusterNetwork.pods.cidrBlocks', 'Pods', spec.clusterNetwork?.pods?.cidrBlocks)
      yield* checkBlocks(
        'spec.clusterNetwork.services.cidrBlocks',
        'Services',
        spec.clusterNetwork?.services?.cidrBlocks,
      )
    },
  },
  {
    name: 'network-plugin',
    says: 'Exactly one network plugin is given, in one of the two forms; kindnetd is for Docker only.',
    *check({ spec }) {
      const { cni, cniConfig } = spec.clusterNetwork ?? {}
      const field = 'spec.clusterNetwork.cniConfig'
      if (cni && cniConfig)
        yield forbidden(
          'spec.clusterNetwork.cni',
          'invalid format for cni plugin: both old and new formats used, use only the CNIConfig field',
        )
      if (!cni && !cniConfig) yield required(field, 'cni not specified')
      if (cni && !['cilium', 'cilium-enterprise', 'kindnetd'].includes(cni)) {
        yield notSupported('spec.clusterNetwork.cni', cni, ['cilium', 'kindnetd'])
      }
      if (cniConfig) {
        const given = [cniConfig.cilium, cniConfig.kindnetd].filter(plugin => plugin !== undefined).length
        if (given === 0) yield required(field, 'no cni plugin specified')
        if (given > 1) yield invalid(field, Object.keys(cniConfig), 'cannot specify more than one cni plugins')
        const { policyEnforcementMode, routingMode } = cniConfig.cilium ?? {}
        if (policyEnforcementMode && !policyModes.includes(policyEnforcementMode)) {
          yield notSupported(`${field}.cilium.policyEnforcementMode`, policyEnforcementMode, policyModes)
        }
        if (routingMode && !routingModes.includes(routingMode)) {
          yield notSupported(`${field}.cilium.routingMode`, routingMode, routingModes)
        }
      }
      const kindnetd = cni === 'kindnetd' || cniConfig?.kindnetd !== undefined
      const datacenter = spec.datacenterRef?.kind
      if (kindnetd && datacenter !== undefined && datacenter !== 'DockerDatacenterConfig') {
        yield invalid(
          cni === 'kindnetd' ? 'spec.clusterNetwork.cni' : field,
          'kindnetd',
          'kindnetd is only supported with Docker',
        )
      }
    },
  },
  {
    name: 'proxy',
    says: 'A proxy is given for HTTP and for HTTPS.',
    *check({ spec }) {
      const proxy = spec.proxyConfiguration
      if (proxy === undefined) return
      for (const name of ['httpProxy', 'httpsProxy'] as const) {
        if (!proxy[name]) yield required(`spec.proxyConfiguration.${name}`, `no value set for ${name}`)
      }
    },
  },
  {
    name: 'registry-mirror',
    says: 'A registry mirror has an endpoint, and its port is a number from 1 to 65535 in quotes.',
    *check({ spec }) {
      const mirror = spec.registryMirrorConfiguration
      if (mirror === undefined) return
      const at = 'spec.registryMirrorConfiguration'
      if (!mirror.endpoint) yield required(`${at}.endpoint`, 'no value set for RegistryMirrorConfiguration.Endpoint')
      const { port } = mirror
      if (port !== undefined && port !== '' && (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535)) {
        yield invalid(`${at}.port`, port, 'registry mirror port is invalid, please provide a valid port')
      }
    },
  },
]

function* checkBlocks(field: string, what: string, blocks: readonly string[] | undefined): Iterable<FieldError> {
  if (blocks === undefined || blocks.length === 0) {
    yield required(field, `${what} CIDR block not specified or empty`)
  } else if (blocks.length > 1) {
    yield invalid(field, blocks, `multiple CIDR blocks for ${what} are not yet supported`)
  } else if (!isBlock(blocks[0])) {
    yield invalid(
      `${field}[0]`,
      blocks[0],
      `invalid CIDR block format for ${what}: expected for example 192.168.0.0/16`,
    )
  }
}

function isBlock(text: unknown): boolean {
  if (typeof text !== 'string') return false
  const [address = '', bits = '', ...rest] = text.split('/')
  const version = isIP(address)
  return rest.length === 0 && version !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
}
