import { describe, expect, it } from 'vitest'
import { parseYamlStream } from '../kube/yaml/index.ts'
import { eksctlFiles, eksctlPaths } from './eksctl-tree.ts'

describe('where a ClusterConfig stands', () => {
  const cases = [
    ['clusters/shop', 'eksctl/shop.yaml'],
    ['./clusters/shop/', 'eksctl/shop.yaml'],
    ['eksctl-other', 'eksctl/shop.yaml'],
    ['eksctl/nested', 'eksctl/shop.yaml'],
    ['.', 'eksctl-system/cluster-config.yaml'],
    ['', 'eksctl-system/cluster-config.yaml'],
    ['eksctl', 'eksctl/eksctl-system/cluster-config.yaml'],
  ] as const
  for (const [path, config] of cases) {
    it(`with the synced path '${path}': ${config}`, () => expect(eksctlPaths(path, 'shop').config).toBe(config))
  }

  it('is never a file that the kustomization.yaml beside it lists', () => {
    const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x' } }
    for (const path of ['clusters/shop', '.']) {
      const paths = eksctlPaths(path, 'shop')
      const files = eksctlFiles({ path, cluster: 'shop', config: '# mine\n', crd: object, object })
      const listed = parseYamlStream(files.get(paths.kustomization) ?? '')[0]?.value
      expect(listed).toMatchObject({ resources: ['crd.yaml', 'cluster.yaml'] })
      expect(files.get(paths.config)).toBe('# mine\n')
    }
  })

  it('never leaves the repository', () => {
    expect(() => eksctlPaths('../x', 'shop')).toThrow(/relative folder/)
    expect(eksctlPaths('a', '../../x').config).toBe('eksctl/------x.yaml')
  })
})
