import type { KubeObject } from '../../kube/object.ts'
import type { Schema } from '../../kube/schema/types.ts'
import { defineKind, type SpecKind } from '../kind.ts'
import { flag, integer, intOrText, list, object, text } from '../schema.ts'
import {
  clusterApiConditions,
  eksaGroup,
  eksaVersion,
  emptyStatus,
  generation,
  nutanixIdentifier,
  users,
} from './shared.ts'

// Sluice reads little of these kinds: their fields are the business of the provider. What is listed is checked, all
// other fields are kept as they are.
const open = { 'x-kubernetes-preserve-unknown-fields': true } as const

const status = {
  empty: emptyStatus,
  checked: object('What the provider says of it.', {
    failureMessage: text('Why it cannot be used.'),
    observedGeneration: generation('The generation that was seen last.'),
    specValid: flag('Whether it can be used.'),
  }),
  machine: object('What the provider says of it.', {
    failureMessage: text('Why it cannot be used.'),
    specValid: flag('Whether it can be used.'),
  }),
  nutanix: object(
    'What the provider says of it.',
    { conditions: clusterApiConditions, ready: flag('Whether it can be used.'), vmUUID: text('Id of the machine.') },
    [],
    open,
  ),
}

const osFamily = text('Operating system: `ubuntu`, `bottlerocket` or `redhat`.')
const hostOs = object('Configuration of the operating system.', {}, [], open)
const templateRef = object('A TinkerbellTemplateConfig.', { kind: text('Kind.'), name: text('Name.') })

function providerKind(kind: string, description: string, fields: Record<string, Schema>, state: Schema): SpecKind {
  return defineKind({
    group: eksaGroup,
    version: eksaVersion,
    kind,
    plural: `${kind.toLowerCase()}s`,
    description,
    spec: object(description, fields, [], open),
    status: state,
    defaults(config: KubeObject) {
      config.metadata.namespace ??= 'default'
    },
  }) as unknown as SpecKind
}

/** The datacenter, machine and template kinds of all providers. */
export const providerKinds: readonly SpecKind[] = [
  providerKind('DockerDatacenterConfig', 'Machines are containers.', {}, status.empty),
  providerKind(
    'VSphereDatacenterConfig',
    'A datacenter of vSphere.',
    {
      datacenter: text('The datacenter.'),
      insecure: flag('Do not check the certificate of vCenter.'),
      network: text('The network of the machines.'),
      server: text('The vCenter server.'),
      thumbprint: text('Thumbprint of the certificate of vCenter.'),
    },
    status.checked,
  ),
  providerKind(
    'VSphereMachineConfig',
    'A kind of virtual machine of vSphere.',
    {
      datastore: text('Where disks are kept.'),
      diskGiB: integer('Size of the disk in GiB.'),
      folder: text('Folder of the machines.'),
      hostOSConfiguration: hostOs,
      memoryMiB: integer('Memory in MiB.'),
      numCPUs: integer('Number of processors.'),
      osFamily,
      resourcePool: text('Resource pool of the machines.'),
      tags: list('Tags of the machines.', text('A tag.')),
      template: text('Template that machines are made from.'),
      users,
    },
    status.empty,
  ),
  providerKind(
    'CloudStackDatacenterConfig',
    'Zones of CloudStack.',
    {
      account: text('Account.'),
      availabilityZones: list('The zones.', object('One zone.', { name: text('Name.') }, [], open)),
      domain: text('Domain.'),
      managementApiEndpoint: text('Address of the API.'),
    },
    status.checked,
  ),
  providerKind('CloudStackMachineConfig', 'A kind of virtual machine of CloudStack.', { users }, status.machine),
  providerKind(
    'NutanixDatacenterConfig',
    'A Nutanix Prism Central.',
    {
      credentialRef: object('Secret with the credentials.', { kind: text('Kind.'), name: text('Name.') }),
      endpoint: text('Host name or address.'),
      insecure: flag('Do not check the certificate.'),
      port: integer('Port.'),
    },
    status.empty,
  ),
  providerKind(
    'NutanixMachineConfig',
    'A kind of virtual machine of Nutanix.',
    {
      cluster: nutanixIdentifier('Where machines are made.'),
      image: nutanixIdentifier('What machines are made from.'),
      memorySize: intOrText('Memory.'),
      osFamily,
      subnet: nutanixIdentifier('The network of the machines.'),
      systemDiskSize: intOrText('Size of the disk.'),
      users,
      vcpuSockets: integer('Number of processor sockets.', { format: 'int32', minimum: 1 }),
      vcpusPerSocket: integer('Processors in each socket.', { format: 'int32', minimum: 1 }),
    },
    status.nutanix,
  ),
  providerKind('SnowDatacenterConfig', 'AWS Snow devices.', {}, status.empty),
  providerKind('SnowMachineConfig', 'A kind of machine of AWS Snow.', { osFamily }, status.machine),
  providerKind('SnowIPPool', 'Addresses for machines of AWS Snow.', {}, status.empty),
  providerKind(
    'TinkerbellDatacenterConfig',
    'Bare metal.',
    {
      osImageURL: text('Image of the operating system.'),
      tinkerbellIP: text('Address of the Tinkerbell services.'),
    },
    status.empty,
  ),
  providerKind(
    'TinkerbellMachineConfig',
    'A kind of bare metal machine.',
    {
      hardwareSelector: object('Labels of the hardware.', {}, [], open),
      hostOSConfiguration: hostOs,
      osFamily,
      templateRef,
      users,
    },
    status.empty,
  ),
  providerKind('TinkerbellTemplateConfig', 'How a bare metal machine is made.', {}, status.empty),
]
