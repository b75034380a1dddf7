/** The version of Kubernetes whose behaviour is followed. */
export const kubernetesVersion = { major: '1', minor: '36', gitVersion: 'v1.36.2' } as const

/** The answer of `/version`. */
export function versionDocument(): string {
  return JSON.stringify({
    major: kubernetesVersion.major,
    minor: kubernetesVersion.minor,
    emulationMajor: kubernetesVersion.major,
    emulationMinor: kubernetesVersion.minor,
    minCompatibilityMajor: '1',
    minCompatibilityMinor: '35',
    gitVersion: `${kubernetesVersion.gitVersion}`,
    gitCommit: '98b35193b2ac7a23a673325f5e9b830ecd5ba406',
    gitTreeState: 'clean',
    buildDate: '2026-08-21T00:00:00Z',
    goVersion: 'go1.26.10',
    compiler: 'gc',
    platform: 'linux/amd64',
  })
}
