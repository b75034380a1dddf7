import { describe, expect, it } from 'vitest'
import { emptyForm, formOf, linesOf, missing, newName, wishOf } from './wish.ts'

const good = { problems: [], warnings: [], clusters: [] }

describe('a cluster to be added', () => {
  it('is asked for with what is about its kind alone', () => {
    const form = {
      ...emptyForm,
      connection: 'c',
      name: 'lab',
      path: ' clusters/lab ',
      kubeconfig: 'k',
      repository: 'a/b',
    }
    expect(wishOf({ ...form, what: 'import' })).toEqual({
      what: 'import',
      connection: 'c',
      adopt: false,
      byRequest: false,
      repository: 'a/b',
      branch: '',
    })
    expect(wishOf({ ...form, what: 'any' })).toMatchObject({ name: 'lab', path: 'clusters/lab' })
    expect(wishOf({ ...form, what: 'any' })).not.toHaveProperty('kubeconfig')
    expect(wishOf({ ...form, what: 'specs', cluster: 'other', files: [{ name: 'a', text: ' ' }] })).toMatchObject({
      kubeconfig: { text: 'k' },
      files: [],
    })
  })

  it('is asked for with what is about its engine alone', () => {
    const flux = { ...emptyForm.flux, from: 'file' as const, name: 'flux.yaml', text: 'a', version: 'v1' }
    const form = { ...emptyForm, what: 'any' as const, engineImage: ' reg/a ', imagePullSecret: 'pull', flux }
    const asked = (engine: typeof form.engine) => wishOf({ ...form, engine })
    expect(asked('kept')).toMatchObject({ engine: 'kept' })
    for (const field of ['engineImage', 'imagePullSecret', 'flux']) expect(asked('process')).not.toHaveProperty(field)
    expect(asked('cluster')).toMatchObject({ engineImage: 'reg/a', engineRights: 'fleet', imagePullSecret: 'pull' })
    expect(asked('flux')).toMatchObject({ imagePullSecret: 'pull', flux: { from: 'file', text: 'a' } })
    expect(asked('flux').flux).not.toHaveProperty('version')
    expect(wishOf({ ...form, what: 'import' })).not.toHaveProperty('engine')
    const named = { ...form, name: 'lab', connection: 'c' }
    expect(missing({ ...named, engine: 'cluster', engineImage: '' }, good, true)).toMatch('image')
    expect(missing({ ...named, engine: 'flux', flux: { ...flux, text: '' } }, good, true)).toMatch('manifests of Flux')
    expect(missing({ ...named, engine: 'flux' }, good, true)).toBeUndefined()
  })

  it('says what is missing, one thing at a time', () => {
    expect(missing(emptyForm, undefined, true)).toBe('It needs a spec.')
    const any = { ...emptyForm, what: 'any' as const, name: 'lab' }
    expect(missing(any, good, false)).toMatch('no cluster')
    expect(missing({ ...any, cluster: 'other' }, good, false)).toMatch('kubeconfig')
    expect(missing(any, good, true)).toMatch('connection')
    expect(missing({ ...any, connection: 'c' }, good, true)).toBeUndefined()
    const problems = [{ field: 'name' as const, message: 'no' }]
    expect(missing({ ...any, connection: 'c' }, { ...good, problems }, true)).toBe('One thing is to be mended first.')
  })

  it('comes back without its kubeconfig', () => {
    const { what, connection, flux, ...rest } = emptyForm
    const wish = { ...rest, flux: { ...flux, from: 'file' as const }, what, connection, files: [] }
    expect(formOf({ plan: 'p', planJob: 'j', kubeconfig: true, wish })).toMatchObject({
      cluster: 'other',
      kubeconfig: '',
    })
  })

  it('names files apart, and counts the lines of a diff', () => {
    expect(newName([{ name: 'cluster.yaml', text: '' }])).toBe('cluster-2.yaml')
    expect(newName([], 'prod.yml')).toBe('prod.yml')
    expect(linesOf('--- /dev/null\n+++ b/a\n@@ -0,0 +1,2 @@\n+a\n+b\n-c\n')).toEqual({ added: 2, removed: 1 })
  })
})
