/** A fault in app.json, as one line that begins with where it is. */
type Fault = string

/** Heroku's own limits (docs/platforms.md 2.1): its schema is strict, and the button shows faults only to the visitor. */
const fields: Readonly<Record<string, (value: unknown, at: string) => readonly Fault[]>> = {
  name: (value, at) => textOf(value, at, 3, 30),
  description: (value, at) => textOf(value, at, 1, 140),
  keywords: (value, at) =>
    (Array.isArray(value) ? value : [undefined]).flatMap((word) => textOf(word, at, 1, 50)),
  website: (value, at) => urlOf(value, at),
  repository: (value, at) => urlOf(value, at),
  logo: (value, at) => urlOf(value, at),
  success_url: (value, at) =>
    typeof value === 'string' && value.startsWith('/') ? [] : urlOf(value, `${at}: not a path from /, and`),
  stack: (value, at) => oneOf(value, at, ['heroku-22', 'heroku-24']),
  buildpacks: buildpacksOf,
  formation: formationOf,
  env: (value, at) =>
    isRecord(value)
      ? Object.entries(value).flatMap(([name, entry]) => settingOf(name, entry, at))
      : [`${at}: no object`],
}

const settingName = /^[A-Z][A-Z0-9_]*$/
const settingKeys = ['description', 'value', 'required', 'generator']

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown, at: string, min: number, max: number): readonly Fault[] {
  if (typeof value !== 'string') return [`${at}: not a string`]
  return value.length < min || value.length > max ? [`${at}: not ${min} to ${max} characters`] : []
}

function urlOf(value: unknown, at: string): readonly Fault[] {
  return typeof value === 'string' && /^https?:\/\/\S+$/.test(value) ? [] : [`${at}: not an address`]
}

function oneOf(value: unknown, at: string, choices: readonly string[]): readonly Fault[] {
  return typeof value === 'string' && choices.includes(value)
    ? []
    : [`${at}: not one of ${choices.join(', ')}`]
}

function strangers(value: Record<string, unknown>, known: readonly string[], at: string): readonly Fault[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${at}.${key}: unknown key`)
}

function buildpacksOf(value: unknown, at: string): readonly Fault[] {
  if (!Array.isArray(value) || value.length === 0) return [`${at}: not a list`]
  return value.flatMap((pack: unknown) =>
    isRecord(pack)
      ? [...strangers(pack, ['url'], at), ...textOf(pack['url'], `${at}.url`, 1, 200)]
      : [`${at}: no object`],
  )
}

function formationOf(value: unknown, at: string): readonly Fault[] {
  if (!isRecord(value)) return [`${at}: no object`]
  return Object.entries(value).flatMap(([name, dynos]) => {
    const here = `${at}.${name}`
    if (!isRecord(dynos)) return [`${here}: no object`]
    return [
      ...strangers(dynos, ['quantity', 'size'], here),
      ...(Number.isInteger(dynos['quantity']) ? [] : [`${here}.quantity: not a whole number`]),
      ...oneOf(dynos['size'], `${here}.size`, ['eco', 'basic', 'standard-1x', 'standard-2x']),
    ]
  })
}

function settingOf(name: string, entry: unknown, at: string): readonly Fault[] {
  const here = `${at}.${name}`
  const named = settingName.test(name) ? [] : [`${here}: a name has capitals, digits and _ only`]
  if (!isRecord(entry)) return [...named, `${here}: no object`]
  const { value, required, generator } = entry
  return [
    ...named,
    ...strangers(entry, settingKeys, here),
    ...textOf(entry['description'], `${here}.description`, 1, 140),
    ...(value === undefined || typeof value === 'string' ? [] : [`${here}.value: not a string`]),
    ...(required === undefined || typeof required === 'boolean'
      ? []
      : [`${here}.required: not true or false`]),
    ...(generator === undefined ? [] : oneOf(generator, `${here}.generator`, ['secret'])),
    ...(generator !== undefined && value !== undefined ? [`${here}: both a value and a generator`] : []),
  ]
}

/** Everything Heroku would refuse or misread in a parsed app.json; empty when it is sound. Strict: unknown keys too. */
export function appJsonFaults(app: unknown): readonly Fault[] {
  if (!isRecord(app)) return ['app.json: no object']
  return Object.entries(app).flatMap(([key, value]) => {
    // Own keys only: "constructor" and its like are unknown keys as well.
    const check = Object.hasOwn(fields, key) ? fields[key] : undefined
    return check === undefined ? [`${key}: unknown key`] : check(value, key)
  })
}

/** The settings a visitor of the button must fill in: `required` is true unless it says otherwise (docs/platforms.md 2.1). */
export function mustFillIn(
  env: Readonly<Record<string, { required?: boolean; generator?: string }>>,
): readonly string[] {
  return Object.entries(env)
    .filter(([, { required, generator }]) => required !== false && generator === undefined)
    .map(([name]) => name)
}
