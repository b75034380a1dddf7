import { isConflict, isNotFound } from '../../kube/client/status.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'

/** The object with our finalizer: written when it is not there yet. */
export async function addFinalizer<T extends KubeObject>(
  client: KubeClient,
  object: T,
  finalizer: string,
  fieldManager: string,
): Promise<T> {
  const finalizers = object.metadata.finalizers ?? []
  if (finalizers.includes(finalizer)) return object
  return patchFinalizers(client, object, [...finalizers, finalizer], fieldManager)
}

/** Takes our finalizer off, so that the object can go. */
export async function removeFinalizer<T extends KubeObject>(
  client: KubeClient,
  object: T,
  finalizer: string,
  fieldManager: string,
): Promise<void> {
  let here: T | undefined = object
  for (let attempt = 1; ; attempt++) {
    const finalizers: readonly string[] = here?.metadata.finalizers ?? []
    if (here === undefined || !finalizers.includes(finalizer)) return
    try {
      await patchFinalizers(
        client,
        here,
        finalizers.filter(name => name !== finalizer),
        fieldManager,
      )
      return
    } catch (error) {
      if (isNotFound(error)) return
      if (!isConflict(error) || attempt >= 5) throw error
      here = (await client.find(refOf(object))) as T | undefined
    }
  }
}

/** A merge patch replaces the whole list, so it only counts for the version that was read. */
async function patchFinalizers<T extends KubeObject>(
  client: KubeClient,
  object: T,
  finalizers: readonly string[],
  fieldManager: string,
): Promise<T> {
  const { resourceVersion } = object.metadata
  return (await client.patch(
    refOf(object),
    'merge',
    { metadata: { finalizers, resourceVersion } },
    { fieldManager },
  )) as T
}
