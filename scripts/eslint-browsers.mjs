// The lint rule that holds our own browser code to the oldest browsers, by the types of what it uses. Libraries are looked at in
// what the build made (scripts/check-browsers.mjs).
import { lacks } from './check-browsers.mjs'

/** Needs typed linting. */
export const oldestBrowsers = {
  meta: {
    type: 'problem',
    messages: { newer: 'The oldest browsers (scripts/oldest-browsers.mjs) have no {{name}}.' },
    schema: [],
  },
  create(context) {
    const { getSymbolAtLocation, program } = context.sourceCode.parserServices
    return {
      MemberExpression({ property, computed }) {
        if (!computed) look(property)
      },
      'ObjectPattern > Property'({ key, computed }) {
        if (!computed) look(key)
      },
    }

    function look(node) {
      for (const { parent } of getSymbolAtLocation(node)?.declarations ?? []) {
        if (!program.isSourceFileDefaultLibrary(parent.getSourceFile())) continue
        const holder = holderName(parent)
        if (!lacks(holder, node.name)) continue
        context.report({ node, messageId: 'newer', data: { name: `${holder}.${node.name}` } })
        return
      }
    }
  },
}

/** `interface ReadonlyArray` → `Array`, `declare var AbortSignal: { … }` → `AbortSignal`. */
function holderName(declared) {
  const name = declared.name?.text ?? declared.parent?.name?.text
  return name?.replace(/^Readonly(Array|Map|Set)$/, '$1').replace(/Constructor$/, '')
}
