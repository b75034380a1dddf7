import { type FluxOptions, flagOf, refuseOption } from './options.ts'

/**
 * The options among flags in their text form, as pflag reads them: of a command line, or of `gitops.flux.flags`.
 *
 * @throws SluiceError E_FLUX_OPTION for a value that is none
 */
export function fluxOptionsOf(flags: Readonly<Record<string, string | undefined>>): FluxOptions {
  const options: Record<string, unknown> = {}
  for (const [option, flag] of Object.entries(flagOf)) {
    const text = flags[flag.slice(2)]
    if (text === undefined) continue
    options[option] = readText(option as keyof FluxOptions, text)
  }
  return options as FluxOptions
}

function readText(option: keyof FluxOptions, text: string): unknown {
  switch (option) {
    case 'components':
    case 'componentsExtra':
    case 'tolerationKeys':
      return text
        .split(',')
        .map(part => part.trim())
        .filter(part => part !== '')
    case 'networkPolicy':
    case 'watchAllNamespaces':
      if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true
      if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false
      throw refuseOption(option, 'true or false', JSON.stringify(text))
    default:
      return text
  }
}
