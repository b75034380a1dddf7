import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import type { EnginePlace, Fleet, FluxInstall, PlannedEngine } from '../../bootstrap/index.ts'
import {
  checkAddress,
  checkFluxOptions,
  checkManifestDigest,
  type FluxOptions,
  fluxOptionsOf,
  loadManifests,
  type ManifestSource,
  readManifests,
  shapeManifests,
} from '../../flux/index.ts'
import { isImageReference } from '../../layout/index.ts'
import { redact } from '../../secrets/secret.ts'
import { type FleetAddCheck, type FleetAddWish, fluxWishSchema, type WishProblem } from '../contract/fleet-add.ts'
import { onPage } from './words.ts'

/** What messages call manifests that were given on the page. */
const givenName = 'the given file'

/** The step of a job that gets Flux's manifests. */
export const fluxStep = { id: 'flux', title: 'get the manifests of Flux' } as const

type EngineWish = Pick<FleetAddWish, 'engine' | 'engineImage' | 'engineRights' | 'imagePullSecret' | 'flux'>
type FluxField = Extract<WishProblem['field'], `flux${string}` | 'imagePullSecret'>

/** Where Sluice's engine is to run; undefined when that stays as Git has it. An image alone is about one in the cluster, as in the CLI. */
export function placeOfEngine(wish: EngineWish): EnginePlace | undefined {
  const { engine, engineImage, engineRights, imagePullSecret } = wish
  if (engine === 'process') return { in: 'process' }
  if (engine === 'flux' || (engine === 'kept' && engineImage === '')) return undefined
  const settings = {
    ...(engineImage === '' ? {} : { image: engineImage }),
    ...(engineRights === undefined ? {} : { rights: engineRights }),
    ...(imagePullSecret === '' ? {} : { imagePullSecret }),
  }
  return { in: 'cluster', settings }
}

/** Gets Flux as a wish and the flags of its specs have it. Writes nothing. Fails with E_FLUX_…. */
export async function loadFlux(
  wish: EngineWish,
  { namespace, fluxFlags }: Pick<Fleet, 'namespace' | 'fluxFlags'>,
  signal: AbortSignal,
): Promise<FluxInstall> {
  const options = optionsOf(wish, fluxFlags)
  // No flux of the server's machine is asked: nothing of its environment counts.
  return loadManifests({ source: sourceOf(wish), options, namespace, env: {}, signal })
}

/** What is wrong with the engine of a wish, and what its manifests are; asks nobody. */
export function checkEngine(
  wish: EngineWish,
  specs: Pick<Fleet, 'namespace' | 'fluxFlags'> | undefined,
): { readonly problems: readonly WishProblem[]; readonly flux?: FleetAddCheck['flux'] } {
  if (wish.engine === 'flux') return checkFlux(wish, specs)
  const problems: WishProblem[] = []
  const note = (field: WishProblem['field'], message: string, next: string) => problems.push({ field, message, next })
  if (wish.engine === 'cluster' && wish.engineImage === '')
    note('engineImage', 'An engine in the cluster needs an image.', 'Build it from the Dockerfile, and push it.')
  if (wish.engineImage !== '' && !isImageReference(wish.engineImage))
    note('engineImage', 'This names no image.', 'One looks like registry.example.com/sluice:0.1.0@sha256:….')
  if (wish.imagePullSecret !== '' && !/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(wish.imagePullSecret))
    note('imagePullSecret', 'This is no name of a Secret.', 'Lower-case letters, digits, hyphens and dots.')
  return { problems }
}

function checkFlux(
  wish: EngineWish,
  specs: Pick<Fleet, 'namespace' | 'fluxFlags'> | undefined,
): ReturnType<typeof checkEngine> {
  const problems: WishProblem[] = []
  const attempt = <T>(field: FluxField, work: () => T): T | undefined => {
    try {
      return work()
    } catch (thrown) {
      problems.push(problemOf(field, thrown))
      return undefined
    }
  }
  for (const [field, option] of optionFields)
    attempt(field, () => {
      const all = fluxOptionsOf(flagsOf(wish))
      const value = all[option]
      if (value !== undefined) checkFluxOptions({ [option]: value })
    })
  if (fluxOf(wish).from === 'release') {
    const { digest, releases } = fluxOf(wish)
    if (digest.trim() !== '') attempt('fluxDigest', () => checkManifestDigest(digest.trim()))
    if (releases.trim() !== '') attempt('fluxReleases', () => checkAddress(releases.trim()))
    return { problems }
  }
  const { text } = fluxOf(wish)
  if (text.trim() === '')
    return {
      problems: [
        ...problems,
        {
          field: 'fluxText',
          message: 'The manifests of Flux are missing.',
          next: 'flux install --export prints them.',
        },
      ],
    }
  const found = attempt('fluxText', () => readManifests(text, givenName))
  if (found === undefined || problems.length > 0) return { problems }
  const shaped = attempt('fluxText', () => {
    const options = optionsOf(wish, specs?.fluxFlags)
    return shapeManifests(found, options, specs?.namespace ?? found.namespace)
  })
  return {
    problems,
    ...(shaped === undefined ? {} : { flux: { version: shaped.version, components: [...shaped.components] } }),
  }
}

const optionFields = [
  ['fluxVersion', 'version'],
  ['fluxRegistry', 'registry'],
  ['fluxExtra', 'componentsExtra'],
  ['imagePullSecret', 'imagePullSecret'],
] as const satisfies readonly (readonly [FluxField, keyof FluxOptions])[]

function fluxOf({ flux }: EngineWish) {
  return flux ?? fluxWishSchema.parse({})
}

function flagsOf(wish: EngineWish): Record<string, string> {
  const { version, registry, extra } = fluxOf(wish)
  const said = {
    version: fluxOf(wish).from === 'release' ? version : '',
    registry,
    'components-extra': extra,
    'image-pull-secret': wish.imagePullSecret,
  }
  return Object.fromEntries(
    Object.entries(said).flatMap(([flag, text]) => (text.trim() === '' ? [] : [[flag, text.trim()]])),
  )
}

/** What the page says stands above what the specs say. */
function optionsOf(wish: EngineWish, specFlags: Fleet['fluxFlags']): FluxOptions {
  return fluxOptionsOf({ ...specFlags, ...flagsOf(wish) })
}

function sourceOf(wish: EngineWish): ManifestSource {
  const { from, text, digest, releases } = fluxOf(wish)
  if (from === 'file') return { from: 'text', name: givenName, text }
  return {
    from: 'release',
    digest: digest.trim() === '' ? undefined : digest.trim(),
    releases: releases.trim() === '' ? undefined : releases.trim(),
  }
}

function problemOf(field: FluxField, thrown: unknown): WishProblem {
  const { facts, next, message } = asSluiceError(thrown)
  const said = facts.expected === undefined ? message : `Expected ${facts.expected}, not ${facts.seen ?? 'this'}.`
  // An option that is wrong by itself says what it takes; the file is what can be made anew.
  return { field, message: redact(said), ...(field === 'fluxText' ? { next: redact(onPage(next)) } : {}) }
}

/** An engine in the words of the page. */
export function engineWords(engine: PlannedEngine): string {
  switch (engine.runs) {
    case 'process':
      return "Sluice's, outside of the cluster"
    case 'cluster':
      return redact(`Sluice's, in the cluster: ${engine.image}`)
    case 'flux':
      return engine.version === undefined ? 'Flux, as Git has it' : `Flux ${engine.version}, in the cluster`
  }
}

/** Which Flux was got. */
export function fluxWords({ manifests }: Pick<FluxInstall, 'manifests'>): string {
  return redact(`${manifests.version}: ${manifests.components.join(', ')}`)
}

/** Refuses what belongs to another engine than the one that is asked for. Fails with E_REQUEST_INVALID. */
export function refuseOtherEngine({ engine, engineImage, engineRights, flux }: EngineWish): void {
  const refuse = (object: string, seen: string): never => {
    throw new SluiceError('E_REQUEST_INVALID', { object, expected: `what belongs to the engine "${engine}"`, seen })
  }
  if (engine !== 'flux' && flux !== undefined) refuse('flux', 'options of Flux')
  if ((engine === 'flux' || engine === 'process') && engineImage !== '') refuse('engineImage', engineImage)
  if (engine !== 'cluster' && engine !== 'kept' && engineRights !== undefined) refuse('engineRights', engineRights)
}
