// Looks in what the build made, libraries included, for what the oldest browsers lack, by MDN's browser-compat-data. Names
// decide, since a bundle has no types: a member is reported when no built-in that has it under this name is old enough.
import bcd from '@mdn/browser-compat-data' with { type: 'json' }
import postcss from 'postcss'
import { parseAst } from 'rolldown/parseAst'
import { oldestBrowsers } from './oldest-browsers.mjs'

/** What is used all the same, and why the pages work without. */
const allowedInScripts = {
  '.at()': 'filled in by src/console/browser/array-at.ts',
  '.tag': 'the name of an element in hono/jsx',
  '.s': 'a count in the hooks of hono/jsx',
}
const allowedInStyles = {
  ':focus-visible': 'the browser’s own ring stays',
  ':backdrop': 'the dialog’s own shadow is there as well',
  '@page': 'paper comes out with the printer’s own edges',
  size: 'as @page',
  'break-after: avoid': 'a title may stand alone at the foot of a sheet',
  'font-family: ui-monospace': 'the next font of the list is taken',
  'accent-color': 'a tick has the browser’s own colour',
  'cursor: pointer': 'phones have no cursor',
  'cursor: not-allowed': 'phones have no cursor',
  'text-size-adjust': 'its -webkit- name stands beside',
  'overscroll-behavior': 'pulling the page reloads it, no more',
}

/**
 * Throws when what was built for a page lacks in the oldest browsers. `libraries` is the part of a script that has no types to
 * look at (those of our own are looked at by lint, scripts/eslint-browsers.mjs).
 */
export function checkBrowsers(name, text, libraries = []) {
  const newer = name.endsWith('.css')
    ? newerStyles(text)
    : [...newerBuiltIns(text), ...libraries.flatMap((code) => newerBuiltIns(code, 'withMembers'))]
  if (newer.length > 0) {
    const names = [...new Set(newer)].join(', ')
    throw new Error(`${name} uses what the oldest browsers lack (scripts/oldest-browsers.mjs): ${names}`)
  }
}

/**
 * What a script uses that is too new, each once: `Object.hasOwn`, `.at()`; with members also `.showModal`, which in our own code
 * would be mistaken for the names of our data.
 */
export function newerBuiltIns(script, members) {
  const tree = parseAst(script)
  const own = new Set()
  walk(tree, (node, parent, key) => {
    if (node.type === 'Identifier' && declares(node, parent, key)) own.add(node.name)
  })
  const found = new Set()
  walk(tree, (node, parent, key) => {
    const newer = newerIn(node, parent, key, own)
    if (newer?.startsWith('.') && !newer.endsWith('()') && members === undefined) return
    if (newer !== undefined && !Object.hasOwn(allowedInScripts, newer)) found.add(newer)
  })
  return [...found].sort()
}

function newerIn(node, parent, key, own) {
  switch (node.type) {
    case 'Identifier':
      return isRead(parent, key) && !own.has(node.name) && isNewer(globals.get(node.name))
        ? node.name
        : undefined
    case 'MemberExpression':
      return newerMember(node, parent, key, own)
    case 'Literal':
      return node.regex !== undefined && /\(\?<[=!]/.test(node.regex.pattern) && isNewer([lookbehind])
        ? 'lookbehind in a regular expression'
        : undefined
    default:
      return undefined
  }
}

function newerMember({ object, property, computed }, parent, key, own) {
  const name = computed ? property.value : property.name
  if (typeof name !== 'string') return undefined
  const path = object.type === 'Identifier' && !own.has(object.name) ? `${object.name}.${name}` : undefined
  const exact = statics.get(path)
  if (exact !== undefined) return isNewer(exact) ? path : undefined
  const { language, web } = members.get(name) ?? {}
  if (!isNewer([...(language ?? []), ...(web ?? [])])) return undefined
  if (web !== undefined) return `.${name}`
  // `message.at` is data; what the language has, is called.
  return parent.type === 'CallExpression' && key === 'callee' ? `.${name}()` : undefined
}

/** Binds a name of the script's own: then it is no built-in. */
function declares(node, parent, key) {
  switch (parent?.type) {
    case 'VariableDeclarator':
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ClassDeclaration':
    case 'ClassExpression':
      return key === 'id' || key === 'params'
    case 'ArrowFunctionExpression':
      return key === 'params'
    case 'CatchClause':
      return key === 'param'
    default:
      return false
  }
}

function isRead(parent, key) {
  if (parent.type === 'MemberExpression') return key === 'object' || parent.computed
  if (
    parent.type === 'Property' ||
    parent.type === 'PropertyDefinition' ||
    parent.type === 'MethodDefinition'
  ) {
    return key === 'value' || parent.computed
  }
  return true
}

function walk(node, visit, parent, key) {
  visit(node, parent, key)
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === 'string') walk(child, visit, node, name)
    }
  }
}

/** What a style sheet uses that is too new: properties, their words, functions, units, selectors, at-rules. */
export function newerStyles(sheet) {
  const found = new Set()
  const note = (shown, feature) => {
    if (feature !== undefined && isNewer([feature]) && !Object.hasOwn(allowedInStyles, shown))
      found.add(shown)
  }
  const { properties, selectors, types } = bcd.css
  const root = postcss.parse(sheet)
  root.walkDecls(({ prop, value }) => {
    if (prop.startsWith('-')) return
    if (properties[prop] !== undefined && isNewer([properties[prop]])) {
      note(prop, properties[prop])
      return
    }
    for (const [, word] of value.matchAll(/(?<![\w-])([a-z][a-z-]*)(?![\w-]*\()/g)) {
      note(`${prop}: ${word}`, properties[prop]?.[word])
    }
    for (const [, name] of value.matchAll(/([a-z-]+)\(/g)) note(`${name}()`, types[name] ?? types.color[name])
    for (const [, unit] of value.matchAll(/\d([a-z]+)\b/g)) note(unit, unitFeature(unit))
  })
  root.walkRules(({ selector, parent }) => {
    if (parent.type === 'rule' || selector.includes('&')) note('nesting', selectors.nesting)
    for (const [, name] of selector.matchAll(/:([a-z-]+)/g)) note(`:${name}`, selectors[name])
  })
  root.walkAtRules(({ name, params }) => {
    note(`@${name}`, bcd.css['at-rules'][name])
    for (const [, name] of params.matchAll(/\(([a-z-]+)/g))
      note(`@media ${name}`, bcd.css['at-rules'].media[name])
    if (name === 'media' && /[<>=]/.test(params)) note('@media range', bcd.css['at-rules'].media.range_syntax)
  })
  return [...found].sort()
}

const { length } = bcd.css.types

function unitFeature(unit) {
  if (/^[dsl]v(h|w|i|b|min|max)$/.test(unit)) return length.viewport_percentage_units_dynamic
  if (/^cq/.test(unit)) return length.container_query_length_units
  return length[unit]
}

/**
 * Whether the oldest browsers lack a built-in, where its type is known: `Array` and `at`, `HTMLDialogElement` and `showModal`.
 * False for what is no built-in.
 */
export function lacks(holder, name) {
  return isNewer(statics.get(`${holder}.${name}`))
}

/** Every built-in that the oldest browsers lack: `Object.hasOwn`, `structuredClone`; for a test that takes them away. */
export function missingBuiltIns() {
  return [...globals, ...statics].filter(([, features]) => isNewer(features)).map(([name]) => name)
}

const lookbehind = bcd.javascript.regular_expressions.lookbehind_assertion

/** Features by how a script names them. One name may stand for several, of which one that is old enough suffices. */
const globals = new Map()
const statics = new Map()
const members = new Map()

for (const [kind, holders] of [
  ['language', bcd.javascript.builtins],
  ['web', bcd.api],
]) {
  for (const [holder, feature] of Object.entries(holders)) collect(kind, holder, feature)
}
for (const [holder, feature] of Object.entries(bcd.javascript.builtins.Intl))
  collect('language', holder, feature)
for (const [name, feature] of Object.entries(bcd.api.Window)) add(globals, name, feature)

function collect(kind, holder, feature) {
  if (holder === '__compat') return
  add(globals, holder, feature)
  for (const [key, member] of Object.entries(feature)) {
    if (key === '__compat' || key === holder || key.endsWith('_event')) continue
    const name = key.replace(/_static$/, '')
    add(statics, `${holder}.${name}`, member)
    if (kind === 'language' && !String(member.__compat?.spec_url).includes('prototype')) continue
    if (!members.has(name)) members.set(name, {})
    ;(members.get(name)[kind] ??= []).push(member)
  }
}

function add(map, name, feature) {
  if (!map.has(name)) map.set(name, [])
  map.get(name).push(feature)
}

/** Whether none of the features is in all of the oldest browsers. */
function isNewer(features) {
  const known = (features ?? []).filter((feature) => feature.__compat !== undefined)
  return known.length > 0 && !known.some(({ __compat }) => isOldEnough(__compat.support))
}

function isOldEnough(support) {
  return Object.entries(oldestBrowsers).every(([browser, oldest]) =>
    [support[browser] ?? []].flat().some(
      ({ version_added: added, version_removed: removed, flags, alternative_name: otherName }) =>
        typeof added === 'string' &&
        Number.parseFloat(added.replace('≤', '')) <= oldest &&
        // A version that began to keep a detail of the standard ends the entry of those that had the feature without it.
        (removed === undefined || Number.parseFloat(removed) > oldest) &&
        flags === undefined &&
        otherName === undefined,
    ),
  )
}
