import { compareElements, type FieldPath, type PathElement } from './path-element.ts'

const none: ReadonlyMap<PathElement, FieldSet> = new Map()

/**
 * A set of fields: what a field manager owns, or what a write changed. A tree; each node says whether its own path is
 * in the set and what is below it. Sets never change; the results of operations share nodes with their operands.
 *
 * The operations are those of structured-merge-diff: {@link difference} treats each path by itself, {@link without}
 * takes what is below along.
 */
export class FieldSet {
  static readonly empty = new FieldSet(false, none)
  /** A node whose own path is in the set, with nothing below. */
  static readonly leaf = new FieldSet(true, none)

  /** Whether the path that leads to this node is in the set; without meaning at the root. */
  readonly self: boolean
  /** What is below; no node of it is empty. */
  readonly kids: ReadonlyMap<PathElement, FieldSet>

  constructor(self: boolean, kids: ReadonlyMap<PathElement, FieldSet>) {
    this.self = self
    this.kids = kids
  }

  /** The set of exactly these paths (not of their parents). */
  static of(...paths: FieldPath[]): FieldSet {
    const builder = new FieldSetBuilder()
    for (const path of paths) builder.add(path)
    return builder.set
  }

  get isEmpty(): boolean {
    return !this.self && this.kids.size === 0
  }

  /** Whether the path itself is in the set. */
  has(path: FieldPath): boolean {
    let node: FieldSet | undefined = this
    for (const step of path) {
      node = node.kids.get(step)
      if (node === undefined) return false
    }
    return path.length > 0 && node.self
  }

  union(other: FieldSet): FieldSet {
    if (other === this || other.isEmpty) return this
    if (this.isEmpty) return other
    const kids = new Map(this.kids)
    let changed = other.self && !this.self
    for (const [step, theirs] of other.kids) {
      const ours = kids.get(step)
      const both = ours === undefined ? theirs : ours.union(theirs)
      if (both === ours) continue
      changed = true
      kids.set(step, both)
    }
    return changed ? new FieldSet(this.self || other.self, kids) : this
  }

  /** The paths that are in both. */
  intersection(other: FieldSet): FieldSet {
    if (other === this) return this
    return this.#rebuild(this.self && other.self, (ours, step) => {
      const theirs = other.kids.get(step)
      return theirs === undefined ? FieldSet.empty : ours.intersection(theirs)
    })
  }

  /** The paths that are in this set and not in the other: a parent stays when only its children go. */
  difference(other: FieldSet): FieldSet {
    if (other.isEmpty) return this
    return this.#rebuild(this.self && !other.self, (ours, step) => {
      const theirs = other.kids.get(step)
      return theirs === undefined ? ours : ours.difference(theirs)
    })
  }

  /** The paths that are neither in the other set nor below one of its paths. */
  without(other: FieldSet): FieldSet {
    if (other.isEmpty) return this
    return this.#rebuild(this.self && !other.self, (ours, step) => {
      const theirs = other.kids.get(step)
      if (theirs === undefined) return ours
      return theirs.self ? FieldSet.empty : ours.without(theirs)
    })
  }

  /** The paths that are in the other set or below one of its paths. */
  within(other: FieldSet): FieldSet {
    return this.#rebuild(this.self && other.self, (ours, step) => {
      const theirs = other.kids.get(step)
      if (theirs === undefined) return FieldSet.empty
      return theirs.self ? ours : ours.within(theirs)
    })
  }

  /** The paths that have nothing below them in the set. */
  leaves(): FieldSet {
    return this.#rebuild(this.self && this.kids.size === 0, ours => ours.leaves())
  }

  equals(other: FieldSet): boolean {
    if (other === this) return true
    if (other.self !== this.self || other.kids.size !== this.kids.size) return false
    for (const [step, ours] of this.kids) {
      const theirs = other.kids.get(step)
      if (theirs === undefined || !ours.equals(theirs)) return false
    }
    return true
  }

  /** Every path, in the order in which Kubernetes lists them: the steps that are in the set, then what is below each. */
  paths(): FieldPath[] {
    const out: FieldPath[] = []
    this.#collect([], out)
    return out
  }

  /** The steps below this node, in the order of `fieldsV1`. */
  sorted(): (readonly [PathElement, FieldSet])[] {
    const entries = [...this.kids]
    return entries.length < 2 ? entries : entries.sort(([a], [b]) => compareElements(a, b))
  }

  #collect(prefix: FieldPath, out: FieldPath[]): void {
    const entries = this.sorted()
    for (const [step, node] of entries) if (node.self) out.push([...prefix, step])
    for (const [step, node] of entries) if (node.kids.size > 0) node.#collect([...prefix, step], out)
  }

  /** This node with another `self` and each child replaced; children that come out empty go. */
  #rebuild(self: boolean, replace: (child: FieldSet, step: PathElement) => FieldSet): FieldSet {
    let kids: Map<PathElement, FieldSet> | undefined
    for (const [step, child] of this.kids) {
      const next = replace(child, step)
      if (next === child) continue
      kids ??= new Map(this.kids)
      if (next.isEmpty) kids.delete(step)
      else kids.set(step, next)
    }
    if (kids === undefined) {
      if (self === this.self) return this
      return this.kids.size === 0 ? (self ? FieldSet.leaf : FieldSet.empty) : new FieldSet(self, this.kids)
    }
    return kids.size === 0 ? (self ? FieldSet.leaf : FieldSet.empty) : new FieldSet(self, kids)
  }
}

/** Collects paths into a set. */
export class FieldSetBuilder {
  #root: Node | undefined

  /** Adds a path; the empty path is the whole object, which nobody owns, and is left out. */
  add(path: FieldPath): void {
    if (path.length === 0) return
    this.#root ??= { self: false, kids: new Map() }
    let node = this.#root
    for (const step of path) {
      let next = node.kids.get(step)
      if (next === undefined) {
        next = { self: false, kids: new Map() }
        node.kids.set(step, next)
      }
      node = next
    }
    node.self = true
  }

  /** What has been added so far. */
  get set(): FieldSet {
    return this.#root === undefined ? FieldSet.empty : frozen(this.#root)
  }
}

/** A set under construction. */
interface Node {
  self: boolean
  readonly kids: Map<PathElement, Node>
}

function frozen({ self, kids }: Node): FieldSet {
  if (kids.size === 0) return FieldSet.leaf
  const out = new Map<PathElement, FieldSet>()
  for (const [step, node] of kids) out.set(step, frozen(node))
  return new FieldSet(self, out)
}
