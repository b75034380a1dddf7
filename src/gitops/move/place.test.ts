import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { syncFile } from '../../layout/sync.ts'
import { differences, editSyncFile, isSamePlace, type Place, readSyncFile } from './place.ts'

const start: Place = {
  url: 'https://git.example.com/acme/fleet.git',
  branch: 'main',
  path: 'clusters/mgmt',
  interval: '1m0s',
  syncInterval: '10m0s',
  secret: 'flux-system',
}
const text = syncFile({
  systemNamespace: 'flux-system',
  url: start.url,
  branch: start.branch,
  clusterConfigPath: start.path,
})

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
const place: fc.Arbitrary<Place> = fc.record({
  url: name.map(one => `https://git.example.com/acme/${one}.git`),
  branch: fc.oneof(name, fc.constantFrom('1.0', 'true', 'null', '0x1', 'a/b')),
  path: fc.array(name, { maxLength: 3 }).map(parts => parts.join('/')),
  interval: fc.constantFrom('30s', '1m0s', '1h0m0s'),
  syncInterval: fc.constantFrom('30s', '10m0s'),
  secret: fc.option(name, { nil: undefined }),
})

describe('gotk-sync.yaml', () => {
  it('says any place that is written into it, and comes back from there', () => {
    fc.assert(
      fc.property(place, to => {
        const moved = editSyncFile(text, 'flux-system', to)
        expect(readSyncFile(moved, 'flux-system')?.place).toEqual(to)
        expect(differences(to, to)).toEqual([])
        if (isSamePlace(to, start)) expect(moved).toBe(text)
        const back = editSyncFile(moved, 'flux-system', start)
        expect(readSyncFile(back, 'flux-system')?.place).toEqual(start)
        // Quotes that a name needed stay.
        if (to.secret !== undefined && !moved.includes('"')) expect(back).toBe(text)
      }),
    )
  })

  it('keeps what people added', () => {
    const theirs = text
      .replace('  prune: true\n', '  prune: true # never off\n  decryption:\n    provider: sops\n')
      .replace('spec:\n', 'spec:\n  timeout: 2m\n')
    const moved = editSyncFile(theirs, 'flux-system', { ...start, branch: 'production', path: 'fleets/a' })
    expect(moved).toBe(
      theirs.replace('branch: main', 'branch: production').replace('path: ./clusters/mgmt', 'path: ./fleets/a'),
    )
  })

  it.each([undefined, '', 'a: [', '- 1', 'kind: GitRepository\napiVersion: v1\nmetadata: {name: other}\n'])(
    'is none when it reads %j',
    other => expect(readSyncFile(other, 'flux-system')).toBeUndefined(),
  )
})
