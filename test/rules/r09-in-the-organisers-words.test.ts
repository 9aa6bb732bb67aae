import { syncBuiltinESMExports } from 'node:module'
import os, { type NetworkInterfaceInfo } from 'node:os'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { startTestBridge } from '../support/running-bridge.ts'
import { MemoryClient } from '../support/memory-client.ts'
import { publish, setStage } from './stage.ts'
import { later } from '../support/later.ts'

const addresses = vi.spyOn(os, 'networkInterfaces')
syncBuiltinESMExports()
afterAll(() => {
  addresses.mockRestore()
  syncBuiltinESMExports()
})

describe('plain MQTT that anybody on the Internet may use (R9)', () => {
  it.each([
    ['is warned of, with the next step', '203.0.113.5', {}, true],
    ['is fine within the hall', '192.168.1.20', {}, false],
    [
      'is fine with a user name',
      '203.0.113.5',
      { BRIDGE_VENUE_USERNAME: 'boxes', BRIDGE_VENUE_PASSWORD: 'planted-venue-8472' },
      false,
    ],
  ])('%s', async (_, address, settings, warned) => {
    addresses.mockReturnValue({ eth0: [{ address } as NetworkInterfaceInfo] })
    const bridge = later(
      await startTestBridge({
        OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1:1',
        OWLCMS_MQTTUSERNAME: 'hall',
        OWLCMS_MQTTPASSWORD: 'planted-broker-8472',
        BRIDGE_VENUE_PORT: '0',
        HOST: '0.0.0.0',
        ...settings,
      }),
    )
    const warnings = bridge.logLines.filter((text) => text.includes('open to the Internet'))
    expect(warnings.map((text) => text.includes('Set BRIDGE_VENUE_USERNAME'))).toEqual(warned ? [true] : [])
    expect(bridge.logLines.join('')).not.toContain('planted')
  })
})

describe('a refusal (R9)', () => {
  it('of a wrong password is told in the log with the address it came from', () => {
    const stage = setStage()
    new MemoryClient(stage.gateway, stage.clock).connect({ password: Buffer.from('x') })
    const lines = stage.logLines.map((text) => JSON.parse(text) as Record<string, unknown>)
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({ address: '192.0.2.1', msg: 'client refused: user name or password' }),
    ])
  })

  it('of a press is told once, with its reason, until one gets through again', () => {
    const stage = setStage()
    const client = stage.client()
    const told = (): unknown[] =>
      stage.logLines
        .map((text) => JSON.parse(text) as Record<string, unknown>)
        .filter(({ msg }) => msg === 'publication not passed on')
        .map(({ outcome, why }) => [outcome, why])
    for (let count = 0; count < 3; count += 1) publish(client, 'owlcms/fop/down/A', '')
    publish(client, 'owlcms/refbox/decision/A', '1 maybe')
    expect(told()).toEqual([['denied', 'reserved']])
    publish(client, 'owlcms/new/A', 'x')
    stage.upstream.settleAll()
    publish(client, 'owlcms/refbox/decision/A', '1 maybe')
    expect(told()).toEqual([
      ['denied', 'reserved'],
      ['invalid', 'badVerdict'],
    ])
  })
})
