import { type FieldSpec, visitField } from '../fieldspec.ts'
import { goRegExp } from '../go-regexp.ts'
import type { ImageArgs } from '../kustomization.ts'
import type { Resource } from '../resource.ts'
import type { Transformer } from '../transformer.ts'
import { Scalar, type YamlNode } from '../yaml/node.ts'
import { untagged } from '../yaml/scalars.ts'

/** `images`: another name, tag or digest wherever an image of a name is used. */
export function imageTransformer(image: ImageArgs, fieldSpecs: readonly FieldSpec[]): Transformer {
  const pattern = goRegExp(`^(?:${image.name ?? ''})(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`)
  const update = (node: YamlNode, replace: (node: YamlNode) => void): void => {
    if (node.kind !== 'scalar' || !pattern.test(node.value)) return
    replace(untagged(changeImage(node.value, image), node))
  }
  return map => {
    for (const resource of map.resources) {
      if (resource.kind === 'CustomResourceDefinition') continue
      for (const spec of fieldSpecs) visitField(resource.node, spec, undefined, update)
      legacy(resource, update)
    }
  }
}

/** Also every list named `containers` or `initContainers`, wherever it stands: kustomize's older way to find images. */
function legacy(resource: Resource, update: (node: YamlNode, replace: (node: YamlNode) => void) => void): void {
  const walk = (node: YamlNode): void => {
    if (node.kind === 'scalar') return
    if (node.kind === 'sequence') {
      node.items.forEach(walk)
      return
    }
    for (const [key, value] of node.fields) {
      if ((key === 'containers' || key === 'initContainers') && value.kind === 'sequence') {
        for (const item of value.items) {
          if (item.kind !== 'mapping') continue
          const image = item.get('image')
          if (image instanceof Scalar && image.tag !== 'null') update(image, other => item.set('image', other))
        }
      }
      walk(value)
    }
  }
  walk(resource.node)
}

function changeImage(value: string, image: ImageArgs): string {
  let { name, tag, digest } = splitImage(value)
  if (image.newName) name = image.newName
  if (image.newTag && image.digest) {
    tag = image.newTag
    digest = image.digest
  } else if (image.newTag) {
    tag = image.newTag
    digest = ''
  } else if (image.digest) {
    tag = ''
    digest = image.digest
  } else if (image.tagSuffix) {
    // Images in containers are visited by two filters, and each adds the suffix: kustomize does so, too.
    tag += image.tagSuffix
    digest = ''
  }
  return name + (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`)
}

/** The parts of an image reference `[host[:port]/]name[:tag][@digest]`. */
export function splitImage(value: string): { name: string; tag: string; digest: string } {
  const slash = Math.max(0, value.indexOf('/'))
  const at = value.indexOf('@', slash)
  const colon = value.indexOf(':', slash)
  if (at < 0 && colon < 0) return { name: value, tag: '', digest: '' }
  if (at >= 0 && (colon < 0 || at < colon)) return { name: value.slice(0, at), tag: '', digest: value.slice(at + 1) }
  if (at >= 0) return { name: value.slice(0, colon), tag: value.slice(colon + 1, at), digest: value.slice(at + 1) }
  return { name: value.slice(0, colon), tag: value.slice(colon + 1), digest: '' }
}
