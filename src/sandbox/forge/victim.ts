// The process that the kill tests kill: a forge, or a mirror that fetches from one, until it is killed.
import { openMirror } from '../../git/index.ts'
import { Secret } from '../../secrets/secret.ts'
import { startForge } from './index.ts'

const [role, dir = '', url = ''] = process.argv.slice(2)

if (role === 'forge') {
  const forge = await startForge({ dataDir: dir })
  process.stdout.write(`${forge.port}\n`)
} else {
  const mirror = await openMirror(dir)
  const token = Secret.of(process.env['VICTIM_TOKEN'] ?? '')
  process.stdout.write('ready\n')
  for (;;) {
    await mirror.fetch({ url, auth: { kind: 'bearer', token } }, 'refs/heads/main', { depth: Number.POSITIVE_INFINITY })
  }
}
