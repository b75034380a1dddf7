import { isAlreadyExists } from '../../../kube/client/index.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { keyOf, splitKey } from '../shared/owners.ts'
import type { Claim } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'

const provisioner = 'sandbox.sluice.dev/volumes'

/** Binds each claim to a volume made for it, and removes the volume with the claim. Nothing is ever stored in one. */
export function startVolumes(world: World): void {
  const loop = world.loop('volumes', async key => {
    const claim = world.get('PersistentVolumeClaim', ...splitKey(key))
    if (claim && !isDeleting(claim)) await bind(world, claim)
  })
  const removal = world.loop('volume-removal', async key => {
    const volume = world.get('PersistentVolume', ...splitKey(key))
    if (volume && isOurs(volume) && !claimOf(world, volume)) await world.write.delete(volume)
  })
  world.each('PersistentVolumeClaim', (claim, _previous, deleted) => {
    if (!deleted) loop.ask(keyOf(claim))
    else removal.ask(`/pvc-${claim.metadata.uid}`)
  })
  world.each('PersistentVolume', volume => removal.ask(keyOf(volume)))
}

async function bind(world: World, claim: Claim): Promise<void> {
  if (claim.status?.phase === 'Bound') return
  const { namespace = '', name = '', uid = '', resourceVersion } = claim.metadata
  const { accessModes = ['ReadWriteOnce'], storageClassName, volumeMode = 'Filesystem', resources } = claim.spec
  const capacity = { storage: resources?.requests?.['storage'] ?? '1Gi' }
  const volumeName = claim.spec.volumeName || `pvc-${uid}`
  const volume: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName, annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
    spec: {
      accessModes,
      capacity,
      volumeMode,
      ...(storageClassName ? { storageClassName } : {}),
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
      hostPath: { path: `/var/sandbox/${volumeName}`, type: '' },
    },
  }
  let made = world.get('PersistentVolume', '', volumeName)
  if (!made) {
    made = await world.write.create(volume).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error
      return undefined
    })
  }
  if (made && isOurs(made)) await world.write.status(made, { phase: 'Bound' })
  const bound = claim.spec.volumeName ? claim : await world.write.patch(claim, { spec: { volumeName } })
  await world.write.status(bound, { phase: 'Bound', accessModes, capacity })
}

function isOurs(volume: KubeObject): boolean {
  return volume.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] === provisioner
}

function claimOf(world: World, volume: KubeObject): Claim | undefined {
  const { claimRef } = volume['spec'] as { claimRef?: { namespace?: string; name?: string; uid?: string } }
  const claim = world.get('PersistentVolumeClaim', claimRef?.namespace ?? '', claimRef?.name ?? '')
  return claim?.metadata.uid === claimRef?.uid ? claim : undefined
}
