import type { GitPlace } from '../../insight/place-in-git.ts'
import type { Explanation } from '../../insight/why.ts'
import { formatRef } from '../../kube/identity.ts'
import { withCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import { printable } from '../output/printable.ts'
import { printData } from '../output/result.ts'
import { examples, type OutputFormat, outputOption, type RegisterCommand } from './command.ts'
import { addObjectArguments, getAnyObject, type ObjectOptions, objectWords } from './flux-object.ts'

interface WhyOptions extends ObjectOptions {
  readonly git: boolean
  readonly output?: OutputFormat
}

export const registerWhy: RegisterCommand = (program, { io, finish }) => {
  addObjectArguments(program.command('why'))
    .description('Say in plain words why an object is not ready, with the culprit: object, field, and line in Git')
    .option('--no-git', 'do not look for the line in Git')
    .addOption(outputOption('json', 'yaml'))
    .addHelpText(
      'after',
      examples([
        ['sluice why kustomization apps', 'follows dependencies, sources, objects and Pods to the cause'],
        ['sluice why deployment/web -n shop', 'any object; exit code 1 when it is not ready'],
      ]),
    )
    .action(async (kind: string, name: string | undefined, options: WhyOptions) => {
      const { explain, sentenceOf } = await import('../../insight/why.ts')
      const { placeInGit } = await import('../../insight/place-in-git.ts')
      const words = { ...objectWords(kind, name), namespace: options.namespace }
      await withCluster(options, io, async ({ client }) => {
        const explanation = await explain(client, await getAnyObject(client, words, io.signal), io.signal)
        const { culprit } = explanation
        const object = culprit && options.git ? await client.find(culprit, { signal: io.signal }) : undefined
        const field =
          culprit?.field === undefined
            ? undefined
            : { field: culprit.field, ...(culprit.value === undefined ? {} : { value: culprit.value }) }
        const place =
          object &&
          (await placeInGit(client, object, field, io.signal).catch((error: unknown) => {
            io.signal.throwIfAborted()
            note(
              io,
              io.err.dim(`the line in Git was not found: ${error instanceof Error ? error.message : String(error)}`),
            )
            return undefined
          }))
        const sentence = sentenceOf(explanation)
        if (options.output === 'json' || options.output === 'yaml')
          printData(io, { ...explanation, sentence, ...(place ? { place } : {}) }, options.output)
        else print(io, render(explanation, sentence, place, io))
        if (!explanation.ready) finish(1)
      })
    })
}

function render(explanation: Explanation, sentence: string, place: GitPlace | undefined, io: CliIo): string {
  const { ready, culprit, next, warning } = explanation
  const style = io.out
  const warned = warning === undefined ? [] : [`${style.attention('!')} ${printable(warning)}`]
  if (ready)
    return [`${warning === undefined ? style.good('✔') : style.attention('!')} ${sentence}`, ...warned].join('\n')
  const row = (label: string, text: string) => `  ${style.dim(label.padEnd(8))}${printable(text)}`
  return [
    `${style.bad('✗')} ${printable(sentence)}`,
    ...(culprit ? [row('culprit', formatRef(culprit))] : []),
    ...(culprit?.field
      ? [row('field', `${culprit.field}${culprit.value === undefined ? '' : ` = ${culprit.value}`}`)]
      : []),
    ...(place
      ? [
          row(
            'in Git',
            `${place.path}:${place.line}${place.exact ? '' : ' (the object; the field is set elsewhere)'} at ${place.commit.slice(0, 7)}`,
          ),
        ]
      : []),
    ...(next === undefined ? [] : [row('next', next)]),
    ...warned,
  ].join('\n')
}
