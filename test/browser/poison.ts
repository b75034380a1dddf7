import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { packChart } from '../../src/engine/testing/chart-repository.ts'

/** A name that nobody has; what asks for it was made by a poisoned text. */
export const evilHost = 'evil.invalid'

/** A text that becomes elements, script and requests wherever it is taken for more than a text. `where` tells it apart. */
export function poison(where: string): string {
  return `<img src="//${evilHost}/i" data-poison="${where}" onerror="console.error('ran ${where}')"><script data-poison>console.error('ran ${where}')</script>`
}

/** The same as Markdown, with what Markdown can say by itself. */
export function poisonedMarkdown(where: string): string {
  return [
    `# ${where}`,
    poison(`${where} html`),
    `[link ${where}](javascript:console.error('ran'))`,
    `![image ${where}](http://${evilHost}/image.png)`,
    `<style>@import url(//${evilHost}/a.css)</style>`,
    `<a data-poison href="javascript:console.error('ran')">anchor</a>`,
    `[reference]: javascript:alert(1) '"><img src=x data-poison>'`,
    `<iframe data-poison srcdoc="<script>console.error('ran')</script>"></iframe>`,
    `\`\`\`html\n${poison(`${where} code`)}\n\`\`\``,
  ].join('\n\n')
}

const address = `javascript:console.error('ran')//`

/** A chart repository with poison in everything that an index and an archive can say. */
export async function poisonedCharts(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const schema = {
    type: 'object',
    title: poison('schema title'),
    properties: {
      greeting: {
        type: 'string',
        title: poison('field title'),
        description: poison('field description'),
        default: poison('field default'),
        enum: [poison('choice'), 'b'],
      },
      count: { type: 'integer', pattern: '^(a+)+$', description: poison('number description') },
    },
  }
  const archive = await packChart('evil', '1.0.0', {
    'README.md': poisonedMarkdown('readme'),
    'values.yaml': `greeting: ${JSON.stringify(poison('default value'))}\n"${'<b data-poison>'}key": 1\n`,
    'values.schema.json': JSON.stringify(schema),
  })
  const entry = {
    apiVersion: 'v2',
    name: 'evil',
    version: '1.0.0',
    appVersion: poison('app version'),
    description: poison('chart description'),
    icon: `http://${evilHost}/icon.svg`,
    home: address,
    sources: [address, poison('source'), `http://${evilHost}/source`],
    keywords: [poison('keyword')],
    maintainers: [{ name: poison('maintainer'), email: `x@x"${poison('mail')}`, url: address }],
    urls: ['evil-1.0.0.tgz'],
    created: poison('created'),
  }
  const index = JSON.stringify({ apiVersion: 'v1', entries: { evil: [entry] } })
  return started(
    createServer((request, response) => {
      if (request.url === '/index.yaml') response.end(index)
      else if (request.url === '/evil-1.0.0.tgz') response.end(archive)
      else response.writeHead(404).end(poison('not found'))
    }),
  )
}

/** A Git host that refuses everything with poisoned words. */
export function poisonedHost(): Promise<{ readonly url: string; close(): Promise<void> }> {
  return started(
    createServer((_, response) => {
      response.writeHead(403, { 'content-type': 'application/json', 'x-github-sso': `required; url=${address}` })
      response.end(JSON.stringify({ message: poison('host words'), documentation_url: address }))
    }),
  )
}

async function started(server: Server): Promise<{ readonly url: string; close(): Promise<void> }> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
