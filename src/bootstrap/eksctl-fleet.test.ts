import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { eksctlFleetFiles } from './eksctl-fleet.ts'
import { readFleetSpecs } from './read-fleet-specs.ts'

const example = readFileSync(new URL('../../examples/eksctl/cluster.yaml', import.meta.url), 'utf8')
const read = (text: string) => readFleetSpecs([{ path: 'c.yaml', text }])
const withFlags = (flags: string) => example.replace(/( {4}flags:\n)[\s\S]*/, `$1${flags}`)

describe('a ClusterConfig as a fleet', () => {
  it('is what the flags of flux bootstrap say', () => {
    expect(read(example)).toMatchObject({
      owner: 'acme',
      repository: 'shop',
      personal: false,
      private: true,
      branch: 'main',
      path: 'clusters/shop',
      namespace: 'flux-system',
      management: 'shop',
      clusters: [],
      warnings: [],
      eksctl: { cluster: 'shop', config: example },
    })
  })

  it('has flux’s defaults, honours what else is said, and says what it does not', () => {
    const flags = `      owner: me
      repository: fleet
      personal: "true"
      private: "false"
      hostname: git.example.com
      interval: 5m
      author-name: Bot
      author-email: bot@example.com
      commit-message-appendix: "[skip ci]"
      context: prod
`
    const fleet = read(withFlags(flags))
    expect(fleet).toMatchObject({
      personal: true,
      private: false,
      path: '.',
      branch: 'main',
      host: 'git.example.com',
      interval: '5m',
      author: { name: 'Bot', email: 'bot@example.com' },
      commitAppendix: '[skip ci]',
      access: { context: 'prod' },
    })
    expect(fleet.warnings.join('\n')).toContain('c.yaml:33:7: ClusterConfig/shop: private: "false" is false here')
    expect(fleet.warnings.join('\n')).toContain('token-auth: flux would make a deploy key')
  })

  it('names the cluster so that Kubernetes takes it', () => {
    const files = eksctlFleetFiles(read(example.replace('name: shop', 'name: My_Shop')))
    expect(files.find(file => file.path.endsWith('/cluster.yaml'))?.text).toContain('name: my-shop\n')
    expect(files.map(file => file.path)).toContain('eksctl/My_Shop.yaml')
  })

  it('stands alone', () => {
    const twice = [
      { path: 'a.yaml', text: example },
      { path: 'b.yaml', text: example.replace('name: shop', 'name: other') },
    ]
    expect(() => readFleetSpecs(twice)).toThrow(/one ClusterConfig alone/)
  })
})
