/** One line of numbers. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** One metric as Prometheus reads it. */
export interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: readonly Sample[]
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const labelPattern = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y
const suffixes = { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] } as const

/**
 * Reads Prometheus's text format 0.0.4 as strictly as a collector does, and a little more: HELP and TYPE come before
 * the samples, no series comes twice, and samples stand with their family. Throws at the first fault.
 */
export function parseExposition(text: string): readonly Family[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const families: { name: string; type: Family['type']; help: string; samples: Sample[] }[] = []
  const series = new Set<string>()
  let help: { readonly name: string; readonly text: string } | undefined
  for (const line of text.split('\n').filter((each) => each !== '')) {
    if (line.startsWith('# HELP ')) {
      const [, name = '', words = ''] = /^# HELP (\S+) (.+)$/.exec(line) ?? []
      if (!namePattern.test(name)) throw new Error(`no name: ${line}`)
      if (families.some((family) => family.name === name)) throw new Error(`twice: ${name}`)
      help = { name, text: words }
    } else if (line.startsWith('# TYPE ')) {
      const [, name, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? []
      if (name === undefined || name !== help?.name) throw new Error(`no HELP before ${line}`)
      families.push({ name, type: type as Family['type'], help: help.text, samples: [] })
    } else {
      const sample = parseSample(line)
      const family = families.at(-1)
      if (family === undefined) throw new Error(`no TYPE before ${line}`)
      const ends = suffixes[family.type].map((suffix) => family.name + suffix)
      if (!ends.includes(sample.name)) throw new Error(`${sample.name} stands in ${family.name}`)
      const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).toSorted())}`
      if (series.has(key)) throw new Error(`twice: ${key}`)
      series.add(key)
      family.samples.push(sample)
    }
  }
  return families
}

function parseSample(line: string): Sample {
  const [, name, inner = '', number] = samplePattern.exec(line) ?? []
  if (name === undefined || number === undefined) throw new Error(`not understood: ${line}`)
  const labels: Record<string, string> = {}
  labelPattern.lastIndex = 0
  while (labelPattern.lastIndex < inner.length) {
    const [, label, value] = labelPattern.exec(inner) ?? []
    if (label === undefined || value === undefined) throw new Error(`labels not understood: ${line}`)
    if (label in labels) throw new Error(`label twice: ${line}`)
    labels[label] = value.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))
  }
  const value = number === '+Inf' ? Infinity : Number(number)
  if (Number.isNaN(value)) throw new Error(`not a number: ${line}`)
  return { name, labels, value }
}
