import { z } from 'zod'
import { templatesInGit } from '../../../apps/index.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import { contentOf, shippedTemplates, templateFor } from '../../applications/chart-content.ts'
import type { ServerContext } from '../../context.ts'
import { templateDetailSchema, templatesSchema } from '../../contract/templates.ts'
import { defineRoute } from '../../http/route.ts'
import { listed } from './needs.ts'

const listTemplates = defineRoute({
  method: 'get',
  path: '/api/v1/templates',
  tag: 'charts',
  summary: 'Deployment templates: the reference charts of Sluice',
  needs: listed,
  answer: templatesSchema,
  async handle({ context }) {
    const [shipped, inGit] = await Promise.all([shippedTemplates(), versionsInGit(context)])
    return {
      templates: shipped.map(({ name, version, title, description }) => ({
        name,
        version,
        title,
        description,
        inGit: [...(inGit.get(name) ?? [])],
      })),
    }
  },
})

const oneTemplate = defineRoute({
  method: 'get',
  path: '/api/v1/templates/{name}',
  tag: 'charts',
  summary: 'One deployment template: README, values and their schema',
  needs: listed,
  params: z.object({ name: z.string().max(100) }),
  query: z.object({ version: z.string().max(100).optional() }),
  answer: templateDetailSchema,
  async handle({ context, params, query }) {
    const shipped = (await shippedTemplates()).find(one => one.name === params.name)
    const version = query.version ?? shipped?.version
    if (version === undefined) throw new SluiceError('E_NOT_FOUND', { object: `template ${params.name}` })
    const tree = await context.repository.read().then(
      state => state.tree,
      () => undefined,
    )
    const template = await templateFor(tree, params.name, version)
    const { name, title, description } = template
    const inGit = await versionsInGit(context)
    return { name, version, title, description, inGit: [...(inGit.get(name) ?? [])], ...contentOf(template) }
  },
})

/** What the repository has; nothing while it cannot be read. */
async function versionsInGit({ repository }: ServerContext): Promise<ReadonlyMap<string, readonly string[]>> {
  return repository.read().then(
    state => templatesInGit(state.tree),
    () => new Map(),
  )
}

export const templateRoutes = [listTemplates, oneTemplate]
