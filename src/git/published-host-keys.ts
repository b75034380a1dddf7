/**
 * The fingerprints that public hosts publish of their SSH host keys, by the name of the host. Sources:
 * docs.github.com "GitHub's SSH key fingerprints", docs.gitlab.com "GitLab.com settings", support.atlassian.com
 * "Configure SSH and two-step verification" (bitbucket.org/site/ssh), learn.microsoft.com "Use SSH key authentication"
 * of Azure DevOps. A host that shows another key than these is not trusted by itself: a person is asked.
 */
const published: Readonly<Record<string, readonly string[]>> = {
  'github.com': [
    'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU',
    'SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM',
    'SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s',
  ],
  'gitlab.com': [
    'SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8',
    'SHA256:HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw',
    'SHA256:ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ',
  ],
  'bitbucket.org': [
    'SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM',
    'SHA256:FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0',
    'SHA256:46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E',
  ],
  'ssh.dev.azure.com': ['SHA256:ohD8VZEXGWo6Ez8GSEJQ9WpafgLFsOfLOtGGQCQo6Og'],
}

/** Other names of the same hosts, as their documentation gives them. */
const sameAs: Readonly<Record<string, string>> = {
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
  'vs-ssh.visualstudio.com': 'ssh.dev.azure.com',
}

/** What a host publishes; undefined for hosts that are not in the table. */
export function publishedHostKeys(
  host: string,
): { readonly by: string; readonly fingerprints: readonly string[] } | undefined {
  const name = host.toLowerCase()
  const by = Object.hasOwn(sameAs, name) ? sameAs[name]! : name
  return Object.hasOwn(published, by) ? { by, fingerprints: published[by]! } : undefined
}
