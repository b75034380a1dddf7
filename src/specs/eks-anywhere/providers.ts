/** The providers of EKS Anywhere, by the kind of their datacenter config. */
export const providers = [
  { name: 'docker', datacenter: 'DockerDatacenterConfig', machine: undefined },
  { name: 'vsphere', datacenter: 'VSphereDatacenterConfig', machine: 'VSphereMachineConfig' },
  { name: 'cloudstack', datacenter: 'CloudStackDatacenterConfig', machine: 'CloudStackMachineConfig' },
  { name: 'nutanix', datacenter: 'NutanixDatacenterConfig', machine: 'NutanixMachineConfig' },
  { name: 'snow', datacenter: 'SnowDatacenterConfig', machine: 'SnowMachineConfig' },
  { name: 'tinkerbell', datacenter: 'TinkerbellDatacenterConfig', machine: 'TinkerbellMachineConfig' },
] as const

export type Provider = (typeof providers)[number]

/** The provider of a datacenter kind, or undefined. */
export function providerOf(datacenterKind: string | undefined): Provider | undefined {
  return providers.find(provider => provider.datacenter === datacenterKind)
}
