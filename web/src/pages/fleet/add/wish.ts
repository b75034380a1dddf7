import type {
  FleetAddCheck,
  FleetAddPlanRecord,
  FleetAddWishInput,
  WishProblem,
} from '../../../../../src/server/contract/fleet-add.ts'

export type What = FleetAddWishInput['what']

export interface SpecFile {
  readonly name: string
  readonly text: string
}

/** What is filled in, of every kind of cluster: going from one to another loses nothing. */
export interface Form {
  readonly what: What
  readonly files: readonly SpecFile[]
  readonly name: string
  readonly cluster: 'own' | 'other'
  readonly kubeconfig: string
  readonly context: string
  readonly connection: string
  readonly repository: string
  readonly branch: string
  readonly path: string
  readonly adopt: boolean
  readonly setCounts: boolean
  readonly byRequest: boolean
  readonly tokenAuth: boolean
  readonly engine: NonNullable<FleetAddWishInput['engine']>
  readonly engineImage: string
  readonly engineRights: 'fleet' | 'cluster-admin'
  readonly imagePullSecret: string
  readonly flux: FluxForm
}

/** Real Flux: where its manifests are from, and its options. */
export interface FluxForm {
  readonly from: 'release' | 'file'
  /** What the file is called that `text` is from. */
  readonly name: string
  readonly text: string
  readonly version: string
  readonly releases: string
  readonly digest: string
  readonly registry: string
  readonly extra: string
}

export const emptyForm: Form = {
  what: 'specs',
  files: [{ name: 'cluster.yaml', text: '' }],
  name: '',
  cluster: 'own',
  kubeconfig: '',
  context: '',
  connection: '',
  repository: '',
  branch: '',
  path: '',
  adopt: false,
  setCounts: false,
  byRequest: false,
  tokenAuth: false,
  engine: 'kept',
  engineImage: '',
  engineRights: 'fleet',
  imagePullSecret: '',
  flux: { from: 'release', name: '', text: '', version: '', releases: '', digest: '', registry: '', extra: '' },
}

/** What the server is asked for: of each kind of cluster only what is about it. */
export function wishOf(form: Form): FleetAddWishInput {
  const { what, connection, adopt, byRequest } = form
  const common = { what, connection, adopt, byRequest }
  if (what === 'import') return { ...common, repository: form.repository.trim(), branch: form.branch.trim() }
  const kubeconfig =
    form.cluster === 'other' && form.kubeconfig.trim() !== ''
      ? { kubeconfig: { text: form.kubeconfig, ...(form.context === '' ? {} : { context: form.context }) } }
      : {}
  const here = { ...common, ...kubeconfig, tokenAuth: form.tokenAuth, ...engineOf(form) }
  if (what === 'specs') {
    return { ...here, setCounts: form.setCounts, files: form.files.filter(file => file.text.trim() !== '') }
  }
  const { name, repository, branch, path } = form
  return { ...here, name: name.trim(), repository: repository.trim(), branch: branch.trim(), path: path.trim() }
}

/** Of each engine only what is about it. */
function engineOf({ engine, engineImage, engineRights, imagePullSecret, flux }: Form): Partial<FleetAddWishInput> {
  const secret = imagePullSecret.trim()
  if (engine === 'cluster') return { engine, engineImage: engineImage.trim(), engineRights, imagePullSecret: secret }
  if (engine !== 'flux') return { engine }
  const { from, text, version, releases, digest, registry, extra } = flux
  const manifests =
    from === 'file'
      ? { from, text }
      : { from, version: version.trim(), releases: releases.trim(), digest: digest.trim() }
  return { engine, imagePullSecret: secret, flux: { ...manifests, registry: registry.trim(), extra: extra.trim() } }
}

/** What is wrong with a field, and what to do. */
export function problemIn(check: FleetAddCheck | undefined, field: WishProblem['field']): string | undefined {
  const found = check?.problems.find(problem => problem.field === field)
  return found && [found.message, found.next].filter(Boolean).join(' ')
}

/** A plan that was made before, in the form again. Its kubeconfig is sealed: it has to be given anew for another plan. */
export function formOf({ wish, kubeconfig }: FleetAddPlanRecord): Form {
  const files = wish.files.length === 0 ? emptyForm.files : wish.files
  const flux = { ...emptyForm.flux, name: 'flux.yaml', ...wish.flux }
  const { engineRights = emptyForm.engineRights } = wish
  return { ...emptyForm, ...wish, files, flux, engineRights, cluster: kubeconfig ? 'other' : 'own' }
}

/** Why no plan can be made yet, in a phrase; undefined when one can. */
export function missing(form: Form, check: FleetAddCheck | undefined, hasOwn: boolean): string | undefined {
  if (form.what === 'specs' && form.files.every(file => file.text.trim() === '')) return 'It needs a spec.'
  if (form.what === 'any' && form.name.trim() === '') return 'It needs a name.'
  if (form.what !== 'import') {
    if (form.cluster === 'other' && form.kubeconfig.trim() === '') return 'It needs the kubeconfig of the cluster.'
    if (form.cluster === 'own' && !hasOwn) return 'This server has no cluster: give a kubeconfig.'
  }
  if (form.what !== 'import') {
    if (form.engine === 'cluster' && form.engineImage.trim() === '') return 'The engine in the cluster needs an image.'
    if (form.engine === 'flux' && form.flux.from === 'file' && form.flux.text === '')
      return 'It needs the manifests of Flux.'
  }
  if (form.connection === '') return 'It needs a proven connection to a Git host.'
  if (check !== undefined && check.problems.length > 0)
    return check.problems.length === 1
      ? 'One thing is to be mended first.'
      : `${check.problems.length} things are to be mended first.`
  return undefined
}

/** A name for one more file. */
export function newName(files: readonly SpecFile[], wanted = 'cluster.yaml'): string {
  const [, stem = 'cluster', end = '.yaml'] = /^(.*?)(\.ya?ml)?$/.exec(wanted) ?? []
  for (let n = 1; ; n++) {
    const name = n === 1 ? `${stem}${end}` : `${stem}-${n}${end}`
    if (!files.some(file => file.name === name)) return name
  }
}

/** Added and removed lines of a unified diff. */
export function linesOf(diff: string): { readonly added: number; readonly removed: number } {
  const lines = diff.split('\n')
  return {
    added: lines.filter(line => line.startsWith('+') && !line.startsWith('+++ ')).length,
    removed: lines.filter(line => line.startsWith('-') && !line.startsWith('--- ')).length,
  }
}
