import { allows, allowsSomewhere, everything, type Principal } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { ServerContext } from '../context.ts'
import { maySeeJob } from '../jobs/may-see.ts'

/** Whether somebody may listen to a topic; `rest` is what follows the first part. */
type TopicRule = (principal: Principal, rest: string, context: ServerContext) => boolean | Promise<boolean>

const viewerSomewhere: TopicRule = principal => allowsSomewhere(principal.grants, 'viewer')

/**
 * Topics by their first part. A change that carries a scope is seen by viewers of that scope only, whatever the topic;
 * these rules say who may listen at all.
 */
const rules: Readonly<Record<string, TopicRule>> = {
  connections: viewerSomewhere,
  repository: viewerSomewhere,
  fleet: viewerSomewhere,
  applications: viewerSomewhere,
  charts: viewerSomewhere,
  reconciliation: viewerSomewhere,
  activity: viewerSomewhere,
  audit: principal => allows(principal.grants, 'administrator', everything),
  users: principal => allows(principal.grants, 'administrator', everything),
  job: (principal, id, context) => id !== '' && maySeeJob(context, principal, id),
}

const mostTopics = 50

/** The topics of a request, when all of them may be listened to. Fails with E_REQUEST_INVALID, E_FORBIDDEN. */
export async function topicsFor(context: ServerContext, principal: Principal, text: string): Promise<string[]> {
  const topics = [...new Set(text.split(',').map(part => part.trim()))].filter(topic => topic !== '')
  if (topics.length === 0 || topics.length > mostTopics) {
    throw new SluiceError('E_REQUEST_INVALID', {
      object: 'topics',
      expected: `1 to ${mostTopics} topics`,
      seen: String(topics.length),
    })
  }
  for (const topic of topics) {
    const [first = '', ...rest] = topic.split('/')
    const rule = Object.hasOwn(rules, first) ? rules[first] : undefined
    if (rule === undefined) {
      throw new SluiceError('E_REQUEST_INVALID', {
        object: 'topics',
        expected: Object.keys(rules).join(', '),
        seen: topic.slice(0, 100),
      })
    }
    if (!(await rule(principal, rest.join('/'), context))) {
      throw new SluiceError('E_FORBIDDEN', { object: `live topic ${topic.slice(0, 100)}` })
    }
  }
  return topics
}
