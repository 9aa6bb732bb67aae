import type { CheckCode } from './advice.ts'
import { isCommand, parseOwlcmsConfig, readTopic, type OwlcmsConfig } from '../owlcms/topics.ts'
import { readState } from '../contract/bridge-state.ts'
import type { Publication } from '../publication.ts'

/** What a few seconds of listening to a broker showed of owlcms. */
export interface OwlcmsEvidence {
  /** Answers to the question, different ones only. */
  readonly answers: readonly OwlcmsConfig[]
  /** owlcms said that it is starting. */
  readonly starting: boolean
  /** owlcms spoke on any other topic. */
  readonly spoke: boolean
  /** An official's device pressed. */
  readonly pressed: boolean
}

/** A bridge that says it is connected. */
export interface BridgeSeen {
  readonly name: string
  readonly version: string
  readonly id: string
}

const decoder = new TextDecoder()

/** Sorts what was heard. Stored publications count for bridges only: owlcms never retains (docs/owlcms.md 5). */
export function readEvidence(heard: readonly Publication[]): OwlcmsEvidence {
  const answers = new Map<string, OwlcmsConfig>()
  let [starting, spoke, pressed] = [false, false, false]
  for (const publication of heard) {
    if (publication.retain) continue
    const topic = readTopic(publication.topic)
    if (topic.kind === 'config') {
      const config = parseOwlcmsConfig(publication.payload)
      // The jury's size is left out: owlcms tells the old one while it is being changed (docs/owlcms.md 1.8).
      if (config !== undefined) answers.set(keyOf(config), config)
    } else if (topic.kind === 'fop' && topic.message === 'startup') {
      starting ||= decoder.decode(publication.payload).trim() === 'on'
    } else if (topic.kind === 'fop') spoke = true
    else if (isCommand(topic)) pressed = true
  }
  return { answers: [...answers.values()], starting, spoke, pressed }
}

const keyOf = ({ version, platforms }: OwlcmsConfig) => JSON.stringify([version, platforms.toSorted()])

/** What is wrong with owlcms by that evidence; undefined when nothing is. `losesDots`: its broker turns dots in topics into slashes. */
export function owlcmsTrouble(
  { answers, starting, spoke, pressed }: OwlcmsEvidence,
  losesDots: boolean,
): CheckCode | undefined {
  if (answers.length > 1) return 'twoOwlcms'
  const [answer] = answers
  if (losesDots && answer?.platforms.some((name) => name.includes('.')) === true) return 'dotInPlatform'
  if (answer !== undefined) return answer.jurySize === undefined ? 'owlcmsOld' : undefined
  if (starting) return 'owlcmsStarting'
  if (spoke) return 'owlcmsOld'
  return pressed ? 'owlcmsElsewhere' : 'owlcmsSilent'
}

/** The bridges that say they are connected, by the last word of each. */
export function bridgesSeen(heard: readonly Publication[]): readonly BridgeSeen[] {
  const online = new Map<string, BridgeSeen>()
  for (const publication of heard) {
    const said = readState(publication)
    if (said === undefined) continue
    const { name, state } = said
    if (state.state === 'online') online.set(state.id, { name, version: state.version, id: state.id })
    else online.delete(state.id)
  }
  return [...online.values()]
}
