import { err, ok, type Result } from './result.ts'

/** A topic name that MQTT allows and no broker cuts a link for. Made only by {@link parseTopic}. */
export type Topic = string & { readonly __brand: 'Topic' }

/** A subscription pattern with `+` and `#` where MQTT allows them. Made only by {@link parseTopicFilter}. */
export type TopicFilter = string & { readonly __brand: 'TopicFilter' }

/** UTF-8 bytes; an MQTT string carries its length in 16 bits [MQTT-4.7.3-3]. */
const maxTopicBytes = 65_535

/**
 * Levels in a topic; deeper ones are refused, so that matching stays bounded (owlcms uses at most 6) and no broker
 * minds: Mosquitto cuts the link from 201 on.
 */
export const maxTopicLevels = 32

/** What MQTT forbids; [MQTT-4.8.0-1 of MQTT 3.1.1, 4.13.1-1 of MQTT 5] ends the connection for it. */
export type ForbiddenTopic = 'empty' | 'tooLong' | 'nul' | 'badUnicode' | 'wildcard' | 'badWildcard'

/**
 * What MQTT allows, but leaves to the receiver to take as malformed (section 1.5.4): Mosquitto and HiveMQ then cut
 * the line, and with it every device behind it.
 */
export type UnsafeTopic = 'tooDeep' | 'control' | 'nonCharacter'

/** What is wrong with a topic or filter; see {@link isUnsafe} for those that are topics all the same. */
export type TopicFault = ForbiddenTopic | UnsafeTopic

/** Whether MQTT itself has nothing against the topic, only brokers do. */
export function isUnsafe(fault: TopicFault): fault is UnsafeTopic {
  return fault === 'tooDeep' || fault === 'control' || fault === 'nonCharacter'
}

/** Topics whose answer is remembered: owlcms and its devices use about 40 for each platform. */
const maxRemembered = 1_024
/** Longer topics (UTF-16 units) are read anew each time, so that what is remembered stays below 1 MiB. */
const maxRememberedLength = 256

/**
 * `read`, which depends on its topic alone, with its last answers remembered: the same topics come again and again, and several
 * parts ask about each.
 */
export function remembering<Text extends string, Answer extends object>(
  read: (text: Text) => Answer,
): (text: Text) => Answer {
  const remembered = new Map<Text, Answer>()
  return (text) => {
    const known = remembered.get(text)
    if (known !== undefined) return known
    const answer = read(text)
    if (text.length > maxRememberedLength) return answer
    if (remembered.size >= maxRemembered) remembered.clear()
    remembered.set(text, answer)
    return answer
  }
}

/** Checks a topic name [MQTT-4.7.1-1, 4.7.3-1, 4.7.3-2, 4.7.3-3, 1.5.4-1, 1.5.4-2]. The text is kept as it is. */
export const parseTopic = remembering((text: string): Result<Topic, TopicFault> => {
  const fault = commonFault(text)
  if (fault !== undefined) return err(fault)
  if (text.includes('+') || text.includes('#')) return err('wildcard')
  return ok(text as Topic)
})

/** A topic that this program has written itself; throws where it is none. */
export function topicOf(text: string): Topic {
  const topic = parseTopic(text)
  if (!topic.ok) throw new Error(`not a topic: ${topic.error}`)
  return topic.value
}

/** Checks a topic filter: `#` only alone at the end, `+` only alone in a level [MQTT-4.7.1-2, 4.7.1-3]. */
export function parseTopicFilter(text: string): Result<TopicFilter, TopicFault> {
  const fault = commonFault(text)
  if (fault !== undefined) return err(fault)
  const levels = text.split('/')
  for (const [index, level] of levels.entries()) {
    if (level === '+' || (level === '#' && index === levels.length - 1)) continue
    if (level.includes('+') || level.includes('#')) return err('badWildcard')
  }
  return ok(text as TopicFilter)
}

/** U+0001 to U+001F and U+007F to U+009F; U+0000 is forbidden altogether. */
const controls = /\p{Control}/u
/**
 * U+FDD0 to U+FDEF, and the last two of each plane; and all of U+FDC0 to U+FDFF, since HiveMQ CE compares the third
 * byte with "or" instead of "and" and cuts the link for an Arabic ligature, too.
 */
const nonCharacters = /\p{Noncharacter_Code_Point}|[\u{fdc0}-\u{fdff}]/u

function commonFault(text: string): TopicFault | undefined {
  if (text === '') return 'empty'
  // A UTF-16 unit takes at most three UTF-8 bytes, so short texts need no count.
  if (text.length * 3 > maxTopicBytes && utf8Bytes(text) > maxTopicBytes) return 'tooLong'
  if (text.includes('\0')) return 'nul'
  if (!text.isWellFormed()) return 'badUnicode'
  if (controls.test(text)) return 'control'
  if (nonCharacters.test(text)) return 'nonCharacter'
  let levels = 1
  for (let at = text.indexOf('/'); at !== -1; at = text.indexOf('/', at + 1)) levels += 1
  if (levels > maxTopicLevels) return 'tooDeep'
  return undefined
}

function utf8Bytes(text: string): number {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4
  }
  return bytes
}

interface FilterNode<V> {
  readonly children: Map<string, FilterNode<V>>
  value: V | undefined
}

/**
 * Topic filters with a value each, and the only matcher of the program: looks a topic up level by
 * level, so its cost grows with the depth of the topic and not with the number of filters.
 */
export class FilterTree<V> {
  readonly #root: FilterNode<V> = { children: new Map(), value: undefined }

  get(filter: TopicFilter): V | undefined {
    let node: FilterNode<V> | undefined = this.#root
    for (const level of filter.split('/')) {
      node = node.children.get(level)
      if (node === undefined) return undefined
    }
    return node.value
  }

  set(filter: TopicFilter, value: V): void {
    let node = this.#root
    for (const level of filter.split('/')) {
      let child = node.children.get(level)
      if (child === undefined) {
        child = { children: new Map(), value: undefined }
        node.children.set(level, child)
      }
      node = child
    }
    node.value = value
  }

  /** Forgets a filter and the branches that only it needed. Unknown filters are fine. */
  delete(filter: TopicFilter): void {
    const levels = filter.split('/')
    const path: FilterNode<V>[] = [this.#root]
    for (const level of levels) {
      const child = path.at(-1)?.children.get(level)
      if (child === undefined) return
      path.push(child)
    }
    const last = path.at(-1)
    if (last?.value === undefined) return
    last.value = undefined
    for (let depth = levels.length; depth > 0; depth -= 1) {
      const node = path[depth]
      const level = levels[depth - 1]
      if (node === undefined || level === undefined || node.value !== undefined || node.children.size > 0)
        return
      path[depth - 1]?.children.delete(level)
    }
  }

  /**
   * Calls `visit` once for the value of each filter that matches. A leading `$` is not matched by a
   * wildcard in the first level [MQTT-4.7.2-1], and `a/#` matches `a` itself [MQTT-4.7.1-2].
   */
  match(topic: Topic, visit: (value: V) => void): void {
    this.#walk(this.#root, topic.split('/'), 0, topic.startsWith('$'), visit)
  }

  #walk(
    node: FilterNode<V>,
    levels: string[],
    depth: number,
    reserved: boolean,
    visit: (value: V) => void,
  ): void {
    const wildcards = depth > 0 || !reserved
    if (wildcards) {
      const rest = node.children.get('#')
      if (rest?.value !== undefined) visit(rest.value)
    }
    const level = levels[depth]
    if (level === undefined) {
      if (node.value !== undefined) visit(node.value)
      return
    }
    const exact = node.children.get(level)
    if (exact !== undefined) this.#walk(exact, levels, depth + 1, reserved, visit)
    const any = wildcards ? node.children.get('+') : undefined
    if (any !== undefined) this.#walk(any, levels, depth + 1, reserved, visit)
  }
}

/** Whether one filter matches one topic, by the same rules as {@link FilterTree}. */
export function filterMatches(filter: TopicFilter, topic: Topic): boolean {
  const tree = new FilterTree<true>()
  tree.set(filter, true)
  let matched = false
  tree.match(topic, () => (matched = true))
  return matched
}
