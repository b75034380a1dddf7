import { describe, expect, it } from 'vitest'
import type { ApplicationSummary, DeploymentView } from '../../../../src/server/contract/applications.ts'
import { clusterWords, namespaceExample, placedIn, projectsWords, worstOf } from './words.ts'

const chart = { kind: 'Template', name: 'web-service', version: '1.0.0' } as const
const deployment = (environment: string, state: DeploymentView['health']['state']): DeploymentView => ({
  environment,
  title: environment,
  order: 1,
  namespace: `shop-${environment}`,
  git: { chart, chartOverridden: false, suspended: false, overrides: 0 },
  agrees: true,
  health: { state, message: '' },
})
const app = (name: string, ...deployments: DeploymentView[]): ApplicationSummary => ({
  name,
  title: name,
  project: 'web',
  description: '',
  chart,
  deployments,
})

describe('environments', () => {
  it('say the state that needs somebody most, and of how many', () => {
    const apps = [app('shop', deployment('staging', 'healthy')), app('mail', deployment('staging', 'failed'))]
    expect(worstOf(placedIn(apps, 'staging'))).toEqual({ state: 'broken', word: '1 of 2 failed' })
    expect(worstOf(placedIn(apps.slice(0, 1), 'staging'))?.word).toBe('Healthy')
    expect(worstOf(placedIn(apps, 'production'))).toBeUndefined()
  })

  it('show what a pattern of namespaces makes, and nothing for one that makes none', () => {
    expect(namespaceExample('{app}-{environment}', 'staging')).toBe('shop-staging')
    expect(namespaceExample('{app}_x', 'staging')).toBeUndefined()
    expect(namespaceExample('{app}-{environment}', 'staging', 'a'.repeat(60))).toBeUndefined()
  })

  it('call who may deploy and where by words', () => {
    expect(projectsWords({})).toBe('every project')
    expect(projectsWords({ projects: ['a', 'b'] })).toBe('a, b')
    expect(clusterWords({})).toBe('management cluster')
    expect(clusterWords({ cluster: { kubeConfigSecret: 'eu-kubeconfig' } })).toBe('eu-kubeconfig')
  })
})
