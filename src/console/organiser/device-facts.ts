import type { DeviceOverview } from '../../protocol/contract/console-api.ts'
import type { Words } from './words.ts'

/** What tells a device from another one of the same name, in a line. */
export function deviceFacts(words: Words, device: DeviceOverview, now: number): string {
  const { seat: text } = words.texts
  const here = device.way === 'broker' ? text.seen : text.connected
  const state = !device.connected ? text.away : device.waiting ? text.waiting : here
  return [
    // Who shows up only by its presses at the broker has neither.
    ...(device.way === 'broker' ? [] : [`#${device.id.slice(0, 4)}`]),
    device.way === 'bridge' ? text.bridge(device.bridge ?? '') : text[device.way],
    ...(device.from === undefined ? [] : [text.from(device.from)]),
    `${state} ${text.since(words.lasting(device.since, now))}`,
    text.presses(device.presses),
    ...(device.lastPressAt === undefined ? [] : [text.lastPress(words.ago(device.lastPressAt, now))]),
    ...(device.deaf ? [text.deaf] : []),
  ].join(' · ')
}
