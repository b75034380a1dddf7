#!/usr/bin/env node
// Makes a fresh clone ready to run: dependencies by `npm ci`, then the build; each only when it is needed.
// Plain JavaScript without dependencies, because it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const quiet = process.argv.includes('--quiet')
const say = text => quiet || process.stderr.write(`${text}\n`)

function fail(text) {
  process.stderr.write(`setup: ${text}\n`)
  process.exit(1)
}

function requireVersions() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(
      `Sluice needs Node 20.19 or newer, and this is ${process.versions.node}. Install a newer one from https://nodejs.org and run the command again.`,
    )
  }
  const git = spawnSync('git', ['--version'], { encoding: 'utf8' })
  if (git.status !== 0) fail('git was not found on PATH. Install git 2.31 or newer and run the command again.')
  const [, a, b] = /(\d+)\.(\d+)/.exec(git.stdout) ?? []
  if (Number(a) < 2 || (Number(a) === 2 && Number(b) < 31))
    fail(`Sluice needs git 2.31 or newer, and this is ${git.stdout.trim()}.`)
}

function digestOf(files) {
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0')
  return hash.digest('hex')
}

function filesUnder(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(e => e.isFile() && !/\.test\.tsx?$/.test(e.name))
    .map(e => join(e.parentPath ?? e.path, e.name).slice(root.length + 1))
    .sort()
}

/** Runs `work` unless the stamp already holds `digest`; the stamp is written only after the work succeeded. */
function once(stamp, digest, work) {
  const at = join(root, stamp)
  if (existsSync(at) && readFileSync(at, 'utf8') === digest) return
  work()
  mkdirSync(dirname(at), { recursive: true })
  writeFileSync(`${at}.tmp`, digest)
  renameSync(`${at}.tmp`, at)
}

function run(what, command, args, options = {}) {
  say(`setup: ${what} …`)
  const started = Date.now()
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options })
  if (done.status !== 0) fail(`${what} failed:\n${done.stdout ?? ''}${done.stderr ?? done.error ?? ''}`)
  say(`setup: ${what} done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

const lock = join(root, '.sluice-setup.lock')

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** One setup of a checkout at a time: two that install at once leave half a node_modules behind. */
function takeTurn() {
  for (let round = 0; ; round++) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') return // Nothing can be written here: then nothing can be installed here either.
    }
    const owner = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : '')
    // One that was killed while it wrote its number left none.
    if (owner > 0 ? !isAlive(owner) : round > 20) rmSync(lock, { force: true })
    else if (round === 0) say(`setup: waiting for the one that runs already (process ${owner || 'unknown'})`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  }
  process.on('exit', () => rmSync(lock, { force: true }))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))
}

requireVersions()
takeTurn()
once(
  'node_modules/.sluice-setup',
  digestOf(['package.json', 'web/package.json', 'package-lock.json']) + process.versions.modules,
  () => {
    // Nothing that Sluice depends on needs an install script, so none is run.
    const npm = process.env.npm_execpath
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    if (npm?.endsWith('.js')) run('installing dependencies', process.execPath, [npm, ...args])
    else run('installing dependencies', 'npm', args, { shell: process.platform === 'win32' })
  },
)
once(
  'dist/.sluice-setup',
  digestOf(['package.json', 'package-lock.json', 'scripts/build.mjs', ...filesUnder('src')]),
  () => run('building', process.execPath, ['scripts/build.mjs']),
)
// The console takes only types from src/, which leave no trace in what is built.
const webFiles = ['index.html', 'package.json', 'vite.config.ts'].map(name => join('web', name))
once(
  'dist/.web-setup',
  digestOf([
    'package-lock.json',
    'scripts/build-web.mjs',
    ...webFiles,
    ...filesUnder('web/src'),
    ...filesUnder('web/public'),
  ]),
  () => run('building the console', process.execPath, ['scripts/build-web.mjs']),
)
