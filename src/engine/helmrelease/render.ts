import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import type { KubeClient } from '../../kube/client/types.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { StepFailure } from '../failure.ts'
import { digestOf } from '../live/fingerprint.ts'
import type { Chart } from './chart/chart.ts'
import type { Helm } from './helm/helm.ts'
import { postRender } from './post-render.ts'
import { renderingOf } from './rendering.ts'
import { releaseNameOf, releaseNamespaceOf, storageNamespaceOf, timeoutOf } from './settings.ts'
import { digestValues } from './values/digest.ts'
import type { Values } from './values/tables.ts'

export interface RenderInput {
  readonly object: HelmRelease
  readonly chart: Chart
  readonly values: Values
  /** The cluster whose kinds and version the chart may ask for. */
  readonly client: KubeClient
  /** Whether there is a release already: charts may ask. */
  readonly upgrade?: boolean
  readonly signal: AbortSignal
}

/**
 * What a release would consist of, without releasing anything: for previews. Nothing of it is stored in the cluster. The
 * same chart, values, post-renderers and kinds of the cluster render once; templates that look objects up, or make
 * random values, show what they gave then.
 */
export class Renderer {
  readonly #helm: Helm
  readonly #rendered = new LRUCache<string, string>({
    maxSize: 32 * 1024 * 1024,
    sizeCalculation: text => text.length + 1,
  })

  constructor(helm: Helm) {
    this.#helm = helm
  }

  /** The manifest, hooks included, as YAML. Fails with `BuildFailed` and helm's own words. */
  async render(input: RenderInput): Promise<string> {
    const key = await keyOf(input)
    const known = this.#rendered.get(key)
    if (known !== undefined) return known
    const text = await this.#run(input)
    this.#rendered.set(key, text)
    return text
  }

  async #run({ object, chart, values, client, upgrade, signal }: RenderInput): Promise<string> {
    const { error, stdout } = await this.#helm.withFolder(async folder => {
      const path = `${folder}/chart.tgz`
      await writeFile(path, chart.archive, { mode: 0o600 })
      return this.#helm.run({
        args: [
          'template',
          releaseNameOf(object),
          path,
          '--values',
          '-',
          '--skip-crds',
          '--dry-run=server',
          '--no-hooks=false',
          ...(upgrade ? ['--is-upgrade'] : []),
          ...(object.spec[upgrade ? 'upgrade' : 'install']?.disableSchemaValidation
            ? ['--skip-schema-validation']
            : []),
        ],
        client,
        releaseNamespace: releaseNamespaceOf(object),
        storageNamespace: storageNamespaceOf(object),
        values,
        postRender: rendered => postRender(object, rendered),
        timeoutMs: timeoutOf(object),
        signal,
      })
    })
    if (error !== undefined) throw new StepFailure('BuildFailed', error)
    return stdout
  }
}

/** Digest of all that a rendering depends on. */
async function keyOf({ object, chart, values, client, upgrade, signal }: RenderInput): Promise<string> {
  const [version, resources] = await Promise.all([
    client.request({ path: '/version', signal }),
    client.resources({ signal }),
  ])
  const kinds = resources.map(({ group, version: served, kind }) => `${group}/${served}/${kind}`).sort()
  return digestOf({
    chart: createHash('sha256').update(chart.archive).digest('hex'),
    values: digestValues(values),
    rendering: renderingOf(object),
    strategy: object.spec.postRenderStrategy ?? null,
    upgrade: upgrade === true,
    unchecked: object.spec[upgrade ? 'upgrade' : 'install']?.disableSchemaValidation ?? false,
    release: [releaseNameOf(object), releaseNamespaceOf(object)],
    server: client.server,
    capabilities: digestOf([version, kinds]),
  })
}
