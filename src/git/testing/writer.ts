// One of the processes that the test of concurrent writers starts: it counts a shared file up and leaves files of its own.
import { Secret } from '../../secrets/secret.ts'
import { commitFiles, openMirror } from '../index.ts'

const [dir = '', url = '', id = '', rounds = '1'] = process.argv.slice(2)
const mirror = await openMirror(dir)
const remote = { url, auth: { kind: 'bearer', token: Secret.of(process.env['WRITER_TOKEN'] ?? '') } } as const
const author = { name: `writer ${id}`, email: 'writer@example.com' }
let tries = 0
for (let round = 0; round < Number(rounds); round++) {
  const result = await commitFiles({
    mirror,
    remote,
    branch: 'main',
    message: `${id}-${round}`,
    author,
    edit: async tree => [
      { path: 'count', content: `${Number((await tree.read('count'))?.toString() ?? 0) + 1}` },
      { path: `log/${id}-${round}`, content: id },
    ],
  })
  tries += result.tries
}
mirror.close()
process.stdout.write(`${tries}\n`)
