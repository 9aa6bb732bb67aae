import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { freePort, startOnTerminal } from '../support/program.ts'
import { describeIf, requirement } from '../support/requirements.ts'

describeIf(requirement('python'))('the built program on a terminal', () => {
  test.for([
    [
      'venue',
      (port: number, boxes: number) => [`Boxes: localhost, port ${boxes}`, `Open http://localhost:${port}`],
    ],
    ['start', (port: number) => [`Open http://localhost:${port}`]],
  ] as const)('%s speaks to a person and shows no JSON', async ([command, places]) => {
    const port = await freePort()
    const boxes = await freePort()
    const nobody = await freePort()
    const program = startOnTerminal([command], {
      PORT: String(port),
      ...(command === 'venue' && { BRIDGE_VENUE_PORT: String(boxes) }),
      ...{ OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1', OWLCMS_MQTTPORT: String(nobody) },
      ...{ OWLCMS_MQTTUSERNAME: 'planted-user', OWLCMS_MQTTPASSWORD: 'planted-password' },
    })
    onTestFinished(() => program.kill())
    await eventually(() => expect(program.shown()).toContain('nothing answers at this port'))
    expect(
      program
        .shown()
        .split('\n')
        .slice(1, 1 + places(port, boxes).length),
    ).toEqual(places(port, boxes))
    program.type('\u0003')
    await eventually(() => expect(program.shown()).toContain('Stopped.'))
    expect(program.shown()).not.toMatch(/[{}]|planted/)
  })
})
