import { SluiceError } from '../base/errors/index.ts'
import {
  type EmbeddedComponents,
  type EngineSettings,
  engineComponentsFile,
  readEngineSettings,
  type WrittenComponents,
} from '../layout/index.ts'
import type { BootstrapContext } from './types.ts'

/**
 * What was chosen for an engine in the cluster: by this run, else by what stands in Git. Undefined when it runs outside.
 *
 * @throws E_ENGINE_IMAGE when nobody named an image
 */
export function engineSettings(
  { flux, place }: Pick<BootstrapContext, 'flux' | 'place'>,
  standing: string | undefined,
): EngineSettings | undefined {
  if (flux !== undefined || place?.in === 'process') return undefined
  const kept = readEngineSettings(standing)
  if (place === undefined) return kept
  const { image } = { ...kept, ...place.settings }
  if (image === undefined) throw new SluiceError('E_ENGINE_IMAGE', { seen: 'no --engine-image' })
  return { ...kept, ...place.settings, image }
}

/** The components of our engine, in the place where it runs. */
export function sluiceComponents(
  context: Pick<BootstrapContext, 'fleet' | 'flux' | 'place'>,
  components: EmbeddedComponents,
  standing: string | undefined,
): EmbeddedComponents | WrittenComponents {
  const settings = engineSettings(context, standing)
  if (settings === undefined) return components
  const text = engineComponentsFile({ ...components, ...settings, systemNamespace: context.fleet.namespace })
  return { text }
}
