import { describe, expect, it } from 'vitest'
import { approvalOf, refuseUnapproved } from './approval.ts'
import type { PlannedChange, StepPlan } from './types.ts'

const step = (id: StepPlan['id'], changes: readonly PlannedChange[], notes: readonly string[] = []): StepPlan => ({
  id,
  title: id,
  state: 'to-do',
  summary: '',
  changes,
  notes,
})
const file = (path: string, content: string, action: 'create' | 'keep' = 'create'): PlannedChange => ({
  kind: 'file',
  path,
  action,
  diff: action === 'keep' ? '' : content,
  content,
})
const object = (name: string, action: 'create' | 'configure' | 'keep', diff = ''): PlannedChange => ({
  kind: 'object',
  ref: { group: '', version: 'v1', kind: 'Secret', namespace: 'a', name },
  action,
  diff,
})
const repository = (action: 'create' | 'keep', isPrivate = true): PlannedChange => ({
  kind: 'repository',
  name: 'acme/fleet',
  action,
  private: isPrivate,
})
const approval = approvalOf([
  step('repository', [repository('create')]),
  step('files', [file('a.yaml', '1'), file('b.yaml', '2', 'keep')], ['prod: web is 5']),
  step('engine', [object('s', 'configure', '-x\n+y'), object('t', 'keep')]),
])
const refused = (plan: StepPlan) => expect(() => refuseUnapproved(approval, plan)).toThrow(/not as it was/)
const taken = (plan: StepPlan) => expect(() => refuseUnapproved(approval, plan)).not.toThrow()

describe('a plan that was agreed to', () => {
  it('is carried out, also where a part of it is done already', () => {
    taken(step('files', [file('a.yaml', '1'), file('b.yaml', '2', 'keep')], ['prod: web is 5']))
    taken(step('files', [file('a.yaml', '1', 'keep'), file('b.yaml', '2', 'keep')]))
    taken(step('engine', [object('s', 'keep'), object('t', 'keep')]))
    taken(step('repository', [repository('keep')]))
    taken(step('repository', [repository('create')]))
  })

  it('is refused for any other file, object, repository or count', () => {
    refused(step('files', [file('a.yaml', '9'), file('b.yaml', '2', 'keep')]))
    refused(step('files', [file('a.yaml', '1'), file('b.yaml', '9', 'keep')]))
    refused(step('files', [file('a.yaml', '1')]))
    refused(step('files', [file('a.yaml', '1'), file('b.yaml', '2', 'keep'), file('c.yaml', '3')]))
    refused(step('files', [file('a.yaml', '1'), file('b.yaml', '2', 'keep')], ['prod: web is 7']))
    refused(step('engine', [object('s', 'configure', '-z\n+y')]))
    refused(step('engine', [object('s', 'create', '-x\n+y')]))
    refused(step('engine', [object('t', 'create')]))
    refused(step('repository', [repository('create', false)]))
  })

  it('that nobody had to agree to is not looked at', () => {
    expect(() => refuseUnapproved(undefined, step('engine', [object('x', 'create')]))).not.toThrow()
  })
})
