import { readFileSync } from 'node:fs'
import type { MqttClient } from 'mqtt'

/** The platforms on which the recording is played. */
export const playedPlatforms = ['A', 'B'] as const

interface Said {
  readonly t: number
  readonly topic: string
  readonly payload: string
}

/** A session of 17 lifts that the real owlcms held (test/recordings). */
function readRecording(): readonly Said[] {
  const file = new URL('../../../test/recordings/session-61.jsonl', import.meta.url)
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const said = lines.map((line) => JSON.parse(line) as Said)
  return said.filter(({ topic }) => topic.endsWith('/A') && !topic.startsWith('owlcms/bridge/'))
}

/** Says it on each platform as owlcms did, in its own time, for so many seconds; `said` hears of each message as it leaves. */
export async function playRecording(
  owlcms: MqttClient,
  seconds: number,
  said: (topic: string, payload: string) => void = () => undefined,
): Promise<void> {
  const recording = readRecording()
  const endAt = performance.now() + seconds * 1000
  let due = performance.now()
  for (let at = 0; performance.now() < endAt; at = (at + 1) % recording.length) {
    const { t, topic, payload } = recording[at]!
    due += t - (recording[at - 1]?.t ?? t)
    const waitMs = due - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    for (const platform of playedPlatforms) {
      const own = `${topic.slice(0, -1)}${platform}`
      said(own, payload)
      owlcms.publish(own, payload, { qos: 1 })
    }
  }
}
