/**
 * The YAML tree that a build works on: mutable, with the tag and the quoting of every scalar, because both decide
 * what a value is for the two resolvers that kustomize runs (go-yaml v3 on input, go-yaml v2 on output).
 * Comments and key order are not kept: kustomize prints through JSON, which sorts keys and has no comments.
 */
export type YamlNode = Scalar | Mapping | Sequence

/** A short tag: `str`, `int`, `float`, `bool`, `null`, `timestamp`, `binary`, `merge`, or a foreign tag with its `!`. */
export type Tag = string

/** One scalar: its text as in YAML, and what the text is. */
export class Scalar {
  readonly kind = 'scalar'
  value: string
  tag: Tag
  /**
   * Whether the text stood in the document without quotes and without a block indicator.
   * A null that is not plain is an empty value of a flow collection: it is printed as an empty string.
   */
  plain: boolean

  constructor(value: string, tag: Tag = 'str', plain = false) {
    this.value = value
    this.tag = tag
    this.plain = plain
  }
}

/** A mapping; keys are the text of the key scalars. */
export class Mapping {
  readonly kind = 'mapping'
  readonly fields: Map<string, YamlNode>
  /** The first key that stood there twice: an error as soon as the mapping is decoded, as in Go. */
  duplicate: DuplicateKey | undefined = undefined
  /** Keys that are not strings (`1: a`): they have no JSON form. */
  oddKeys: Set<string> | undefined = undefined

  constructor(fields: Map<string, YamlNode> = new Map()) {
    this.fields = fields
  }

  get(key: string): YamlNode | undefined {
    return this.fields.get(key)
  }

  set(key: string, value: YamlNode): void {
    this.fields.set(key, value)
  }

  delete(key: string): boolean {
    return this.fields.delete(key)
  }
}

/** A key given twice, with the lines (from 1) of both places. */
export interface DuplicateKey {
  readonly key: string
  readonly line: number
  readonly firstLine: number
}

/** A list. */
export class Sequence {
  readonly kind = 'sequence'
  items: YamlNode[]

  constructor(items: YamlNode[] = []) {
    this.items = items
  }
}

/** A string scalar. */
export function text(value: string): Scalar {
  return new Scalar(value)
}

/** A null scalar. */
export function nullNode(): Scalar {
  return new Scalar('null', 'null', true)
}

/** Whether there is nothing there: no node, or a null. */
export function isMissingOrNull(node: YamlNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.tag === 'null')
}

/** Whether a node is null (and there). */
export function isNull(node: YamlNode | undefined): boolean {
  return node !== undefined && node.kind === 'scalar' && node.tag === 'null'
}

/** Whether a node is a mapping without fields. */
export function isEmptyMapping(node: YamlNode | undefined): boolean {
  return node !== undefined && node.kind === 'mapping' && node.fields.size === 0
}

/** A deep copy. */
export function cloneNode<T extends YamlNode>(node: T): T
export function cloneNode(node: YamlNode): YamlNode {
  if (node.kind === 'scalar') return new Scalar(node.value, node.tag, node.plain)
  if (node.kind === 'sequence') return new Sequence(node.items.map(item => cloneNode(item)))
  const copy = new Mapping()
  for (const [key, value] of node.fields) copy.fields.set(key, cloneNode(value))
  if (node.oddKeys !== undefined) copy.oddKeys = new Set(node.oddKeys)
  copy.duplicate = node.duplicate
  return copy
}

/** The text of a scalar field; '' when it is missing or not a scalar. */
export function scalarText(node: YamlNode | undefined): string {
  return node !== undefined && node.kind === 'scalar' ? node.value : ''
}

/** The node at a path of mapping keys, or undefined. */
export function lookup(node: YamlNode | undefined, ...path: string[]): YamlNode | undefined {
  let here = node
  for (const step of path) {
    if (here === undefined || here.kind !== 'mapping') return undefined
    here = here.fields.get(step)
  }
  return here
}
