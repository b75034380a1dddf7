import { describe, expect, it } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { memoryTree } from '../base/file-tree.ts'
import { overlayTree } from '../gitops/overlay-tree.ts'
import { parseYaml } from '../kube/yaml/index.ts'
import { ageKeys, decryptFile, generateIdentity } from '../sops/index.ts'
import type { AppsPlace } from './paths.ts'
import { at } from './release.ts'
import { changeSecrets, plainSecretsIn, sealedPaths, secretPathsOf, withoutSealed } from './secret-values.ts'

const place: AppsPlace = { fleetPath: 'clusters/mgmt', systemNamespace: 'flux-system', sourceName: 'flux-system' }
const { identity, recipient } = generateIdentity()
const keys = ageKeys(identity.reveal())
const seal = { keys, recipients: [recipient], clock: systemClock }
const change = (set: object[], forget: string[][] = []) => ({
  app: 'shop',
  environment: 'staging',
  set: set as never,
  forget,
})
const path = 'apps/shop/staging/secrets.yaml'

async function opened(content: Buffer | string | undefined) {
  const plain = parseYaml(await decryptFile(path, Buffer.from(content ?? ''), keys, 'yaml'))
  return parseYaml(String(at(plain, 'stringData', 'values.yaml')))
}

describe('sealed values', () => {
  it('are sealed for the keys of the cluster, with their paths in plain and their values not', async () => {
    const files = await changeSecrets(
      memoryTree({}),
      place,
      change([{ path: ['secrets', 'TOKEN'], value: 'canary-1' }]),
      seal,
    )
    expect(files.map(one => one.path)).toEqual([path])
    expect(String(files[0]!.content)).not.toContain('canary-1')
    expect(await opened(files[0]!.content)).toEqual({ secrets: { TOKEN: 'canary-1' } })
    expect(await sealedPaths(overlayTree(memoryTree({}), files), place, 'shop', 'staging')).toEqual([
      ['secrets', 'TOKEN'],
    ])
  })

  it('keep the others when one changes, and go with the last one', async () => {
    const first = await changeSecrets(
      memoryTree({}),
      place,
      change([
        { path: ['a'], value: '1' },
        { path: ['b', 'c'], value: '2' },
      ]),
      seal,
    )
    const tree = overlayTree(memoryTree({}), first)
    const second = await changeSecrets(tree, place, change([{ path: ['a'], value: '3' }], [['b', 'c']]), seal)
    expect(await opened(second[0]!.content)).toEqual({ a: '3' })
    const gone = await changeSecrets(overlayTree(tree, second), place, change([], [['a']]), seal)
    expect(gone).toEqual([{ path, content: undefined }])
    const without = { ...seal, keys: undefined }
    await expect(changeSecrets(tree, place, change([{ path: ['a'], value: '4' }]), without)).rejects.toMatchObject({
      code: 'E_APP_SECRET_KEY',
    })
  })

  it('are refused when there is nobody to seal for', async () => {
    const nobody = { ...seal, keys: undefined, recipients: [] }
    const wish = change([{ path: ['a'], value: '1' }])
    await expect(changeSecrets(memoryTree({}), place, wish, nobody)).rejects.toMatchObject({ code: 'E_APP_SECRET_KEY' })
    const rule = { '.sops.yaml': `creation_rules:\n- path_regex: ^apps/\n  age: ${recipient}\n` }
    expect(await changeSecrets(memoryTree(rule), place, wish, nobody)).toHaveLength(1)
  })

  it('are found in a schema and in plain values', () => {
    const password = { type: 'string', format: 'password' }
    const schema = {
      properties: { db: { properties: { pass: password } }, secrets: { additionalProperties: password } },
    }
    expect(secretPathsOf(schema)).toEqual([
      ['db', 'pass'],
      ['secrets', '*'],
    ])
    expect(plainSecretsIn(schema, { db: { pass: 'x' }, secrets: { A: '', B: 'y' } })).toEqual([
      ['db', 'pass'],
      ['secrets', 'B'],
    ])
  })

  it('win over what stands in plain at their place', () => {
    expect(withoutSealed({ db: { pass: 'old' } }, {}, [['db', 'pass']])).toEqual({ db: { pass: null } })
    expect(withoutSealed({}, { db: { pass: 'x' }, a: 1 }, [['db', 'pass']])).toEqual({ a: 1 })
  })
})
