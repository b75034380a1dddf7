import type { Command } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import { addClusterOptions, type ClusterOptions } from './command.ts'

export interface ObjectOptions extends ClusterOptions {
  readonly namespace: string
}

/** A command about one object: `KIND NAME` or `KIND/NAME`, and `--namespace`. */
export function addObjectArguments(command: Command): Command {
  return addClusterOptions(command)
    .argument('<kind>', 'kind, or kind/name')
    .argument('[name]', 'name of the object')
    .option('-n, --namespace <name>', 'namespace of the object', 'flux-system')
}

/** Splits `kind/name`. Fails with E_USAGE without a name. */
export function objectWords(kind: string, name: string | undefined): { kind: string; name: string } {
  const [word = '', inline, more] = kind.split('/')
  if (more !== undefined || (inline !== undefined && name !== undefined) || (inline ?? name ?? '') === '')
    throw new SluiceError('E_USAGE', {
      object: 'object',
      expected: 'KIND NAME or KIND/NAME',
      seen: [kind, name].join(' ').trim(),
    })
  return { kind: word, name: inline ?? name ?? '' }
}

/** Reads an object of any kind that the server serves, by the words that kubectl takes. Fails with E_USAGE, E_KUBE_NOT_FOUND. */
export async function getAnyObject(
  client: KubeClient,
  words: { readonly kind: string; readonly name: string; readonly namespace: string },
  signal: AbortSignal,
): Promise<KubeObject> {
  const { fluxKinds, kindFromWord } = await import('../../fleet/flux-kinds.ts')
  const text = words.kind.toLowerCase()
  const isFlux = fluxKinds.some(
    one => one.kind.toLowerCase() === text || one.plural === text || one.words.includes(text),
  )
  if (isFlux) return client.get({ ...kindFromWord(text), ...words, kind: kindFromWord(text).kind }, { signal })
  const [plain, ...group] = text.split('.')
  const found = (await client.resources({ signal })).find(
    one =>
      (one.kind.toLowerCase() === plain ||
        one.plural === plain ||
        one.singular === plain ||
        one.shortNames.includes(plain ?? '')) &&
      (group.length === 0 || one.group === group.join('.')),
  )
  if (!found)
    throw new SluiceError('E_USAGE', {
      object: 'kind',
      expected: 'a kind that the server knows',
      seen: JSON.stringify(words.kind),
    })
  const { group: apiGroup, version, kind, namespaced } = found
  return client.get(
    { group: apiGroup, version, kind, name: words.name, namespace: namespaced ? words.namespace : '' },
    { signal },
  )
}
