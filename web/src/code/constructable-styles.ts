import { StyleModule } from 'style-mod'

const sheets = new Map<StyleModule, CSSStyleSheet>()

/**
 * CodeMirror writes its styles into a style element, which the Content-Security-Policy forbids (`style-src 'self'`).
 * Constructed sheets are the DOM's own way to the same end and are not under that rule, so its styles go there.
 */
StyleModule.mount = (root, modules) => {
  const scope = root instanceof ShadowRoot ? root : document
  const wanted = [modules].flat().map(module => {
    const known = sheets.get(module)
    if (known !== undefined) return known
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(module.getRules())
    sheets.set(module, sheet)
    return sheet
  })
  // CodeMirror gives its modules in the order in which they override one another, the strongest last.
  const others = scope.adoptedStyleSheets.filter(sheet => !wanted.includes(sheet))
  scope.adoptedStyleSheets = [...others, ...wanted]
}
