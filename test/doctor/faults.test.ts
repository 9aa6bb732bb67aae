import { createSocket } from 'node:dgram'
import { Resolver as CallbackResolver, type LookupAddress } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer, type AddressInfo, type LookupFunction, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Worker } from 'node:worker_threads'
import mqtt from 'mqtt'
import type { Packet } from 'mqtt-packet'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import {
  runCheck,
  type CheckDependencies,
  type CheckProgress,
  type CheckReport,
} from '../../src/doctor/check.ts'
import type { CheckLimits } from '../../src/doctor/limits.ts'
import { closingLines, findingLines } from '../../src/doctor/print.ts'
import type { CheckFinding } from '../../src/protocol/contract/console-api.ts'
import { adviceFor, type AdviceCode } from '../../src/protocol/link/advice.ts'
import { systemClock } from '../../src/support/clock.ts'
import { makeCertificates, type ServerCertificate } from '../support/certificates.ts'
import { startMosquitto, type MosquittoOptions } from '../support/mosquitto.ts'
import { freePort } from '../support/program.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import { connack, friendly, startScripted, type Answer } from '../support/scripted-broker.ts'
import { startTestBroker, type TestBrokerOptions } from '../support/tls-broker.ts'

const userName = 'hall-7-user'
const password = 'planted-Secret-8472'
const hive = 'abc123.s1.eu.hivemq.cloud'
const certificates = await makeCertificates()

/** What a test arranged: the settings of the broken system, and what the check is given besides. */
interface Arranged {
  readonly env: Readonly<Record<string, string>>
  readonly dependencies?: Partial<CheckDependencies>
}

interface Fault {
  readonly name: string
  /** What must be found: the step, how bad it is, and the entry of the table or the sentence of a setting. */
  readonly step: string
  readonly result?: 'warn' | 'fail'
  readonly code?: string
  readonly says?: RegExp
  /** Goes into docs/check-transcripts.md. */
  readonly transcript?: true
  /** Where the fault is silence: the wait that ends it. Longer where something must be heard within it. */
  readonly limits?: Partial<CheckLimits>
  readonly arrange: () => Promise<Arranged> | Arranged
}

const login = { OWLCMS_MQTTUSERNAME: userName, OWLCMS_MQTTPASSWORD: password }

/** Settings for a server on this machine. */
const at = (server: string, port: number, more: Readonly<Record<string, string>> = {}) => ({
  ...{ OWLCMS_MQTTSERVER: server, OWLCMS_MQTTPORT: String(port), BRIDGE_MQTT_CA: certificates.ca },
  ...login,
  ...more,
})
const plainAt = (port: number) => at('mqtt://127.0.0.1', port)
const tlsAt = (port: number) => at('mqtts://localhost', port)

const cloud = (server: string, port: number): Arranged => ({
  env: at(server, port),
  dependencies: { lookup: everythingIsHere },
})

async function mosquitto(options: Partial<MosquittoOptions> = {}): Promise<{ readonly port: number }> {
  const broker = await startMosquitto({ transport: 'tcp', users: { [userName]: password }, ...options })
  onTestFinished(() => broker.stop())
  return broker
}

/** A healthy broker over TLS, with or without an owlcms on it. */
async function healthy(owlcms = true): Promise<{ readonly port: number }> {
  const broker = await mosquitto({ transport: 'tls', certificate: certificates.valid })
  if (owlcms) await answering(broker.port, answer('A', 'B'))
  return broker
}

const answer = (...platforms: readonly string[]): string =>
  JSON.stringify({ platforms, version: '64.1.0', jurySize: 3 })

/** Real servers with one fault each, on 127.0.0.1, gone at the end of the test. Each returns its port. */

async function listening(server: Server): Promise<number> {
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    onTestFinished(() => void socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** Swallows the first packets of TCP: a thread that listens, sleeps, and whose queue is full. */
async function blackHole(): Promise<number> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     const server = require('node:net').createServer()
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port)
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
     })`,
    { eval: true },
  )
  onTestFinished(async () => {
    await worker.terminate()
  })
  const [port] = (await once(worker, 'message')) as [number]
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'))
  for (const filler of fillers) filler.on('error', () => undefined)
  onTestFinished(() => fillers.forEach((filler) => filler.destroy()))
  // The queue takes two; the others hang as the doctor will.
  await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')))
  return port
}

/** Accepts, and never says a word. */
const mute = (): Promise<number> => listening(createServer())

/** Accepts, and resets as soon as something comes. */
const resetting = (): Promise<number> =>
  listening(createServer((socket) => void socket.once('data', () => socket.resetAndDestroy())))

const webServer = (): Promise<number> =>
  listening(createHttpServer((_request, response) => void response.end('hello')))

const secureWebServer = (certificate: ServerCertificate): Promise<number> =>
  listening(createHttpsServer({ ...certificate }, (_request, response) => void response.end('log in')))

/** TLS with this certificate, and silence behind it. */
const tlsServer = (certificate: ServerCertificate): Promise<number> =>
  listening(createTlsServer({ ...certificate }).on('tlsClientError', () => undefined))

const oldTlsServer = (certificate: ServerCertificate): Promise<number> =>
  listening(
    createTlsServer({
      ...certificate,
      ...{ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    }).on('tlsClientError', () => undefined),
  )

/** What a name server does with a question: no such name, no word, or one text record. */
type NameServerHabit = 'noSuchName' | 'silent' | { readonly text: string }

/** A real name server over UDP, and look-ups through it in the shape that `net.connect` takes. */
async function nameServer(habit: NameServerHabit): Promise<{
  readonly lookup: LookupFunction
  readonly resolveTxt: (name: string) => Promise<readonly (readonly string[])[]>
}> {
  const socket = createSocket('udp4')
  socket.on('message', (question, { port, address }) => {
    if (habit !== 'silent') socket.send(answerTo(question, habit), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  const servers = [`127.0.0.1:${socket.address().port}`]
  const callbacks = new CallbackResolver({ timeout: 300, tries: 1 })
  callbacks.setServers(servers)
  const promises = new Resolver({ timeout: 300, tries: 1 })
  promises.setServers(servers)
  return {
    lookup: (host, _options, done) =>
      callbacks.resolve4(host, (error, addresses) => {
        done(error, (addresses as string[] | undefined)?.map((address) => ({ address, family: 4 })) ?? [])
      }),
    resolveTxt: (name) => promises.resolveTxt(name),
  }
}

/** A response with the question's own header and name (RFC 1035 section 4.1). */
function answerTo(question: Buffer, habit: Exclude<NameServerHabit, 'silent'>): Buffer {
  const header = Buffer.from(question.subarray(0, 12))
  header.writeUInt16BE(habit === 'noSuchName' ? 0x8183 : 0x8180, 2)
  header.writeUInt16BE(0, 10)
  const asked = question.subarray(12, question.indexOf(0, 12) + 5)
  if (habit === 'noSuchName') return Buffer.concat([header, asked])
  header.writeUInt16BE(1, 6)
  const text = Buffer.from(habit.text)
  const record = Buffer.alloc(13)
  record.writeUInt16BE(0xc00c, 0)
  record.writeUInt16BE(16, 2)
  record.writeUInt16BE(1, 4)
  record.writeUInt16BE(text.length + 1, 10)
  record.writeUInt8(text.length, 12)
  return Buffer.concat([header, asked, record, text])
}

/** Every name leads to this machine, so that a server here can stand for one in the cloud. */
const everythingIsHere: LookupFunction = (_host, options, done) => {
  const here: LookupAddress = { address: '127.0.0.1', family: 4 }
  if (options.all === true) done(null, [here])
  else done(null, here.address, here.family)
}

/** A client that stands for somebody on the broker: it hears `owlcms/config` and does something. */
async function onBroker(
  port: number,
  act: (client: mqtt.MqttClient) => void,
  transport: 'mqtt' | 'mqtts' = 'mqtts',
): Promise<void> {
  const client = await mqtt.connectAsync(`${transport}://localhost:${port}`, {
    ...{ username: userName, password, ca: certificates.ca, clientId: `A_owlcms_${Math.random()}` },
  })
  onTestFinished(() => client.endAsync(true))
  await client.subscribeAsync('owlcms/config')
  client.on('message', () => act(client))
}

const answering = (port: number, config: string, transport?: 'mqtt' | 'mqtts'): Promise<void> =>
  onBroker(port, (client) => client.publish('owlcms/fop/config', config), transport)

async function aedes(options: Partial<TestBrokerOptions>): Promise<Arranged> {
  const broker = await startTestBroker({ transport: 'tcp', username: userName, password, ...options })
  onTestFinished(() => broker.stop())
  return { env: plainAt(broker.port) }
}

/** A scripted broker that refuses CONNECT with this code, on MQTT 5 only or on 3.1.1 only. */
const refusing = (code: number, version: 4 | 5) => async (): Promise<Arranged> => {
  const { port } = await startScripted(
    friendly((packet, asked) => {
      if (packet.cmd !== 'connect') return []
      return [connack(asked === version ? code : 1)]
    }),
  )
  return { env: plainAt(port) }
}

const scripted = (answers: Answer) => async (): Promise<Arranged> => {
  const { port } = await startScripted(friendly(answers))
  return { env: plainAt(port) }
}

const certified = (which: keyof typeof certificates) => async (): Promise<Arranged> => {
  const certificate = certificates[which]
  if (typeof certificate === 'string') throw new Error('not a server’s certificate')
  return { env: tlsAt(await tlsServer(certificate)) }
}

const settingsFaults: readonly Fault[] = [
  {
    name: 'the broker’s address missing',
    ...{ step: 'settings', says: /^OWLCMS_MQTTSERVER: It is not set/ },
    arrange: () => ({ env: login }),
  },
  {
    name: 'the password missing',
    ...{ step: 'settings', says: /^OWLCMS_MQTTPASSWORD: It is not set/, transcript: true },
    arrange: () => ({ env: { OWLCMS_MQTTSERVER: hive, OWLCMS_MQTTUSERNAME: userName } }),
  },
  {
    name: 'address and port swapped',
    ...{ step: 'settings', says: /^OWLCMS_MQTTSERVER: It is a port number.*swapped/ },
    arrange: () => ({ env: { OWLCMS_MQTTSERVER: '8883', OWLCMS_MQTTPORT: hive, ...login } }),
  },
  {
    name: 'address and user name swapped',
    ...{ step: 'settings', says: /^OWLCMS_MQTTUSERNAME: It looks like the address of a broker/ },
    arrange: () => ({
      env: { OWLCMS_MQTTSERVER: userName, OWLCMS_MQTTUSERNAME: hive, OWLCMS_MQTTPASSWORD: password },
    }),
  },
  {
    name: 'a user name pasted twice',
    ...{
      step: 'settings',
      result: 'warn',
      says: /^OWLCMS_MQTTPASSWORD: It is the same as OWLCMS_MQTTUSERNAME/,
    },
    arrange: async () => ({
      env: { ...plainAt(await freePort()), OWLCMS_MQTTPASSWORD: userName },
    }),
  },
  {
    name: 'quotes around the password',
    ...{ step: 'settings', result: 'warn', says: /^OWLCMS_MQTTPASSWORD: The quotes around the value/ },
    arrange: async () => ({
      env: { ...tlsAt((await healthy()).port), OWLCMS_MQTTPASSWORD: `"${password}"` },
    }),
  },
  {
    name: 'spaces around the user name',
    ...{ step: 'settings', result: 'warn', says: /^OWLCMS_MQTTUSERNAME: The spaces/ },
    arrange: async () => ({
      env: { ...tlsAt((await healthy()).port), OWLCMS_MQTTUSERNAME: ` ${userName}\r\n` },
    }),
  },
  {
    name: 'https:// pasted',
    ...{ step: 'settings', says: /^OWLCMS_MQTTSERVER: It is the address of a web page/ },
    arrange: () => ({ env: { OWLCMS_MQTTSERVER: `https://${hive}/`, ...login } }),
  },
  {
    name: 'the console’s page instead of the broker, old',
    ...{ step: 'settings', says: /^OWLCMS_MQTTSERVER: It is the web page where you manage brokers/ },
    arrange: () => ({ env: { OWLCMS_MQTTSERVER: 'https://console.hivemq.cloud/clusters', ...login } }),
  },
  {
    name: 'the console’s page instead of the broker, new',
    ...{ step: 'settings', says: /^OWLCMS_MQTTSERVER: It is the web page where you manage brokers/ },
    arrange: () => ({ env: { OWLCMS_MQTTSERVER: 'app.hivemq.com', ...login } }),
  },
  {
    name: 'a password inside the address',
    ...{ step: 'settings', says: /^OWLCMS_MQTTSERVER: It contains an "@"/ },
    arrange: () => ({ env: { OWLCMS_MQTTSERVER: `mqtts://${userName}:${password}@${hive}`, ...login } }),
  },
  {
    name: 'port 8884 on a cloud host',
    ...{ step: 'settings', result: 'warn', says: /^OWLCMS_MQTTPORT: 8884 is HiveMQ Cloud’s port/ },
    arrange: () => cloud(hive, 8884),
  },
  {
    name: 'port 1883 on a cloud host, told from the settings',
    ...{
      step: 'settings',
      result: 'warn',
      says: /^OWLCMS_MQTTPORT: This broker in the cloud takes encrypted/,
    },
    arrange: async () => cloud(`mqtt://${hive}`, await freePort()),
  },
]

const networkFaults: readonly Fault[] = [
  {
    name: 'port 1883 on a cloud host, told from the connection',
    ...{ step: 'tcp', code: 'cloudPort' },
    arrange: async () => cloud(`mqtt://${hive}`, await freePort()),
  },
  {
    name: 'a name that does not exist',
    ...{ step: 'name', code: 'dns', transcript: true },
    arrange: async () => ({
      env: at('abc124.s1.eu.hivemq.cloud', 8883),
      dependencies: { lookup: (await nameServer('noSuchName')).lookup },
    }),
  },
  {
    name: 'a name server that does not answer',
    ...{ step: 'name', code: 'dnsSilent' },
    arrange: async () => ({
      env: at(hive, 8883),
      dependencies: { lookup: (await nameServer('silent')).lookup },
    }),
  },
  {
    name: 'nothing at the port',
    ...{ step: 'tcp', code: 'refused' },
    arrange: async () => ({ env: tlsAt(await freePort()) }),
  },
  {
    name: 'a black hole',
    ...{ step: 'tcp', code: 'timeout', transcript: true },
    limits: { tcpMs: 700 },
    arrange: async () => ({ env: tlsAt(await blackHole()) }),
  },
  {
    name: 'a server that accepts and stays mute',
    ...{ step: 'tls', code: 'timeout' },
    limits: { tlsMs: 700 },
    arrange: async () => ({ env: tlsAt(await mute()) }),
  },
  {
    name: 'a mute server on a plain port',
    ...{ step: 'connect', code: 'timeout' },
    limits: { mqttMs: 700 },
    arrange: async () => ({ env: plainAt(await mute()) }),
  },
  {
    name: 'a reset while encryption begins',
    ...{ step: 'tls', code: 'tlsCut' },
    arrange: async () => ({ env: tlsAt(await resetting()) }),
  },
  {
    name: 'a reset on a plain port',
    ...{ step: 'connect', code: 'reset' },
    arrange: async () => ({ env: plainAt(await resetting()) }),
  },
  {
    name: 'a captive portal that answers TLS',
    ...{ step: 'tls', code: 'captivePortal', transcript: true },
    arrange: async () => ({ env: tlsAt(await secureWebServer(certificates.wrongHost)) }),
  },
  {
    name: 'an interceptor in place of a broker in the cloud',
    ...{ step: 'tls', code: 'captivePortal' },
    arrange: async () => cloud(`mqtts://${hive}`, await tlsServer(certificates.unknownCa)),
  },
  {
    name: 'an unknown authority',
    step: 'tls',
    code: 'certificateUnknownCa',
    arrange: certified('unknownCa'),
  },
  {
    name: 'a self-signed certificate',
    ...{ step: 'tls', code: 'certificateSelfSigned' },
    arrange: certified('selfSigned'),
  },
  {
    name: 'an expired certificate',
    ...{ step: 'tls', code: 'certificateExpired', transcript: true },
    arrange: certified('expired'),
  },
  {
    name: 'a certificate from tomorrow',
    ...{ step: 'tls', code: 'certificateNotYetValid' },
    arrange: certified('notYetValid'),
  },
  {
    name: 'a certificate for another host',
    ...{ step: 'tls', code: 'certificateWrongHost' },
    arrange: certified('wrongHost'),
  },
  {
    name: 'a certificate that expires in five days',
    ...{ step: 'tls', result: 'warn', code: 'certificateSoon' },
    limits: { mqttMs: 700 },
    arrange: certified('expiresSoon'),
  },
  {
    name: 'TLS 1.1',
    ...{ step: 'tls', code: 'tlsTooOld' },
    arrange: async () => ({ env: tlsAt(await oldTlsServer(certificates.valid)) }),
  },
  {
    name: 'TLS asked of a plain web server',
    ...{ step: 'tls', code: 'notTls' },
    arrange: async () => ({ env: tlsAt(await webServer()) }),
  },
  {
    name: 'TLS asked of a plain broker',
    ...{ step: 'tls', code: 'tlsCut' },
    arrange: async () => ({ env: tlsAt((await mosquitto()).port) }),
  },
  {
    name: 'a web server with the right certificate',
    ...{ step: 'connect', code: 'webServer' },
    arrange: async () => ({ env: tlsAt(await secureWebServer(certificates.valid)) }),
  },
  {
    name: 'an owlcms that has no MQTT at /mqtt',
    ...{ step: 'connect', code: 'noMqttPath' },
    arrange: async () => ({ env: at('ws://127.0.0.1', await webServer()) }),
  },
]

const loginFaults: readonly Fault[] = [
  {
    name: 'a wrong password, told by MQTT 5 as not authorised',
    ...{ step: 'connect', code: 'noPermission', transcript: true },
    arrange: async () => ({
      env: { ...plainAt((await mosquitto()).port), OWLCMS_MQTTPASSWORD: `${password}x` },
    }),
  },
  {
    name: 'a wrong password, told by MQTT 5',
    step: 'connect',
    code: 'badCredentials',
    arrange: refusing(0x86, 5),
  },
  {
    name: 'a wrong password, told by MQTT 3.1.1',
    ...{ step: 'connect', code: 'badCredentials' },
    arrange: () => aedes({ password: `${password}x` }),
  },
  {
    name: 'a broker that wants a password and is asked without one',
    ...{ step: 'connect', code: 'passwordWanted' },
    arrange: async () => ({
      env: {
        ...{ OWLCMS_MQTTSERVER: 'mqtt://127.0.0.1', OWLCMS_MQTTPORT: String((await mosquitto()).port) },
        BRIDGE_ALLOW_ANONYMOUS: 'yes',
      },
    }),
  },
  {
    name: 'code 5 of MQTT 3.1.1 with its three causes',
    ...{ step: 'connect', code: 'notAuthorised' },
    arrange: refusing(5, 4),
  },
  {
    name: 'a broker that gives one connection and no second',
    ...{ step: 'connect', result: 'warn', code: 'oneConnection' },
    limits: { owlcmsMs: 700 },
    arrange() {
      let connects = 0
      return scripted((packet) => {
        if (packet.cmd === 'connect') return (connects += 1) > 1 ? [connack(0x97)] : []
        if (packet.cmd !== 'publish') return []
        return [{ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0 }, ...echoOf(packet)]
      })()
    },
  },
  { name: 'the connection limit', step: 'connect', code: 'connectionLimit', arrange: refusing(0x97, 5) },
  { name: 'maintenance', step: 'connect', code: 'serverBusy', arrange: refusing(0x88, 5) },
  {
    name: 'a missing server name',
    ...{ step: 'connect', code: 'noServerName' },
    async arrange() {
      const { port } = await startScripted(
        friendly(({ cmd }, _version, serverName) =>
          cmd === 'connect' && serverName === false ? [connack(0x87)] : [],
        ),
        certificates.valid,
      )
      return { env: at('mqtts://127.0.0.1', port) }
    },
  },
  {
    name: 'a broker that hangs up on CONNECT',
    ...{ step: 'connect', code: 'closedByBroker' },
    arrange: scripted(({ cmd }) => (cmd === 'connect' ? ['hangUp'] : [])),
  },
  {
    name: 'a filter that is not granted',
    ...{ step: 'subscribe', code: 'subscriptionRefused' },
    arrange: scripted(({ cmd, messageId }) =>
      cmd === 'subscribe' ? [{ cmd: 'suback', messageId: messageId ?? 0, granted: [0x87] }] : [],
    ),
  },
  {
    name: 'a filter that is not granted, on MQTT 3.1.1',
    ...{ step: 'subscribe', code: 'subscriptionRefused' },
    arrange: scripted(({ cmd, messageId }, version) => {
      if (cmd === 'subscribe') return [{ cmd: 'suback', messageId: messageId ?? 0, granted: [0x80] }]
      return cmd === 'connect' && version === 5 ? [connack(1)] : []
    }),
  },
]

const messageFaults: readonly Fault[] = [
  {
    name: 'a publication that is refused',
    ...{ step: 'roundTrip', code: 'publishRefused' },
    arrange: async () => ({
      env: plainAt((await mosquitto({ acl: [`user ${userName}`, 'topic read owlcms/#'] })).port),
    }),
  },
  {
    name: 'a publication that is refused, and the connection cut',
    ...{ step: 'roundTrip', code: 'publishRefused', transcript: true },
    // The cut ends this wait, whenever it comes.
    limits: { cutMs: 10_000 },
    arrange: scripted((packet) =>
      packet.cmd === 'publish'
        ? [
            { cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0x87 },
            { cmd: 'disconnect', reasonCode: 0x87 },
            'hangUp',
          ]
        : [],
    ),
  },
  {
    name: 'a publication for which MQTT 3.1.1 is cut without a word',
    ...{ step: 'roundTrip', code: 'publishRefused' },
    arrange: scripted(({ cmd }, version) => {
      if (cmd === 'connect' && version === 5) return [connack(1)]
      return cmd === 'publish' ? ['hangUp'] : []
    }),
  },
  {
    name: 'a user who may publish but not listen',
    ...{ step: 'roundTrip', code: 'messageNotReturned' },
    limits: { returnMs: 2_500 },
    arrange: async () => ({
      env: plainAt((await mosquitto({ acl: [`user ${userName}`, 'topic write owlcms/#'] })).port),
    }),
  },
  {
    name: 'a broker that acknowledges nothing',
    ...{ step: 'roundTrip', code: 'notAcknowledged' },
    limits: { returnMs: 700 },
    arrange: scripted((packet) => echoOf(packet)),
  },
  {
    name: 'another program with the same client id',
    ...{ step: 'owlcms', code: 'takenOver' },
    arrange: scripted((packet) => {
      if (packet.cmd !== 'publish') return []
      if (packet.topic === 'owlcms/config') return [{ cmd: 'disconnect', reasonCode: 0x8e }, 'hangUp']
      return [{ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0 }, ...echoOf(packet)]
    }),
  },
]

/** What a broker sends to the publisher itself when it subscribed to the topic. */
const echoOf = (packet: Packet): readonly Packet[] =>
  packet.cmd === 'publish' ? [{ ...packet, qos: 0, dup: false, retain: false }] : []

const owlcmsFaults: readonly Fault[] = [
  {
    name: 'silent owlcms',
    ...{ step: 'owlcms', code: 'owlcmsSilent', transcript: true },
    limits: { owlcmsMs: 700 },
    arrange: async () => ({ env: tlsAt((await healthy(false)).port) }),
  },
  {
    name: 'owlcms on another broker than the devices',
    ...{ step: 'owlcms', code: 'owlcmsElsewhere' },
    limits: { owlcmsMs: 2_500 },
    async arrange() {
      const { port } = await healthy(false)
      await onBroker(port, (client) => client.publish('owlcms/refbox/decision/A', '1 good'))
      return { env: tlsAt(port) }
    },
  },
  {
    name: 'owlcms just starting',
    ...{ step: 'owlcms', result: 'warn', code: 'owlcmsStarting' },
    limits: { owlcmsMs: 2_500 },
    async arrange() {
      const { port } = await healthy(false)
      await onBroker(port, (client) => client.publish('owlcms/fop/startup/A', 'on'))
      return { env: tlsAt(port) }
    },
  },
  {
    name: 'an owlcms of before version 43',
    ...{ step: 'owlcms', result: 'warn', code: 'owlcmsOld' },
    async arrange() {
      const { port } = await healthy(false)
      await answering(port, JSON.stringify({ platforms: ['A'], version: '42.0.0' }))
      return { env: tlsAt(port) }
    },
  },
  {
    name: 'two owlcms on one broker',
    ...{ step: 'owlcms', code: 'twoOwlcms' },
    limits: { moreAnswersMs: 3_000 },
    async arrange() {
      const { port } = await healthy()
      await answering(port, answer('Other hall'))
      return { env: tlsAt(port) }
    },
  },
  {
    name: 'a platform with a dot in its name, on a broker that turns it into a slash',
    ...{ step: 'owlcms', code: 'dotInPlatform' },
    async arrange() {
      const broker = await startTestBroker({ transport: 'tcp', losesDots: true })
      onTestFinished(() => broker.stop())
      await answering(broker.port, answer('A', 'B.2'), 'mqtt')
      return { env: plainAt(broker.port) }
    },
  },
  {
    name: 'a broker that does not give back what it keeps',
    ...{ step: 'bridges', result: 'warn', code: 'notReplayed' },
    async arrange() {
      const { port } = await mosquitto({ settings: ['retain_available false'] })
      await answering(port, answer('A'), 'mqtt')
      return { env: plainAt(port) }
    },
  },
  {
    name: 'a second machine of this bridge',
    ...{ step: 'bridges', result: 'warn', code: 'runsTwice' },
    limits: { moreAnswersMs: 3_000 },
    async arrange() {
      const { port } = await healthy()
      await onBroker(port, (client) =>
        client.publish(
          'owlcms/bridge/north/state',
          JSON.stringify({ state: 'online', version: '0.1.0', since: 1, id: 'other1' }),
        ),
      )
      const running = { id: 'own111', status: connectedStatus, takenOver: () => 0, forgets: () => false }
      return { env: { ...tlsAt(port), BRIDGE_NAME: 'north' }, dependencies: { running } }
    },
  },
  {
    name: 'a fight for one client id',
    ...{ step: 'link', code: 'clientIdFight' },
    arrange: async () => ({
      env: tlsAt((await healthy()).port),
      dependencies: {
        running: { id: 'own111', status: connectedStatus, takenOver: () => 3, forgets: () => false },
      },
    }),
  },
  {
    name: 'two machines on Fly.io',
    ...{ step: 'hosting', result: 'warn', code: 'machinesOnFly' },
    async arrange() {
      const { resolveTxt } = await nameServer({ text: 'e784e7ddcd1718 yyz,148e7ddcd17189 yyz' })
      return {
        env: { ...tlsAt((await healthy()).port), FLY_APP_NAME: 'my-bridge' },
        dependencies: { flyApp: 'my-bridge', resolveTxt },
      }
    },
  },
  {
    name: 'a dyno that may sleep',
    ...{ step: 'hosting', result: 'warn', code: 'sleepingDyno' },
    arrange: async () => ({ env: { ...tlsAt((await healthy()).port), DYNO: 'web.1' } }),
  },
]

const connectedStatus = () => ({ kind: 'connected', since: 0, protocolVersion: 5 }) as const

/** A healthy system: nothing may be found. */
const healthySystem = {
  name: 'A healthy system',
  arrange: async () => ({ env: tlsAt((await healthy()).port) }),
}

const faults: readonly Fault[] = [
  ...settingsFaults,
  ...networkFaults,
  ...loginFaults,
  ...messageFaults,
  ...owlcmsFaults,
]

/** Longer than the real ones: a busy machine is no fault. Only how long a second answer is waited for costs every check its time. */
const patient = {
  ...{ totalMs: 40_000, tcpMs: 10_000, tlsMs: 10_000, mqttMs: 10_000, returnMs: 10_000, owlcmsMs: 10_000 },
  moreAnswersMs: 200,
}

async function check({ arrange, limits }: Pick<Fault, 'arrange' | 'limits'>): Promise<{
  readonly report: CheckReport
  readonly progress: readonly CheckProgress[]
}> {
  const { env, dependencies = {} } = await arrange()
  const progress: CheckProgress[] = []
  const report = await runCheck(loadConfig(env, []), {
    ...{ clock: systemClock, random: () => 0.5, progress: (step) => progress.push(step) },
    limits: { ...patient, ...limits },
    ...dependencies,
  })
  return { report, progress }
}

const secrets = new RegExp(`${password}|${userName}`, 'i')
let right = 0
/** What the check said of each system so far. */
const reports = new Map<string, CheckReport>()

async function reportOn(system: Pick<Fault, 'name' | 'arrange' | 'limits'>): Promise<CheckReport> {
  const report = reports.get(system.name) ?? (await check(system)).report
  reports.set(system.name, report)
  return report
}

const header = `# What \`owlcms-bridge check\` says

Made by test/doctor/faults.test.ts from real servers with one fault each; \`npx vitest run test/doctor -u\` makes it
again. Ports, dates and milliseconds are replaced by made-up ones, and the waits are shorter than in real life.
`

function transcript(title: string, report: CheckReport): string {
  const exitCode = { ok: 0, trouble: 1, settings: 2 }[report.outcome]
  // Before the lines are broken, so that they break at the same places in every run.
  const findings = report.findings.map((finding) => ({ ...finding, ...steadyTexts(finding) }))
  const lines = findings.flatMap((finding) => findingLines(finding, false))
  const text = [...lines, ...closingLines({ ...report, findings }, false), ''].join('\n')
  return `## ${title}\n\n\`\`\`console\n$ owlcms-bridge check\n${text}\`\`\`\n\nExit code ${exitCode}.\n`
}

const steadyTexts = ({ what, raw }: CheckFinding) => ({
  what: steady(what),
  ...(raw === undefined ? {} : { raw: steady(raw) }),
})

/** The same text in every run. */
const steady = (text: string): string =>
  text
    .replace(/([Pp]ort) \d+(?=[ ,])/g, '$1 8883')
    .replace(/\b[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4} GMT/g, 'Nov 1 00:00:00 2026 GMT')
    .replace(/\b\d+ ms\b/g, '25 ms')
    .replace(/\bwithin [\d.]+ s\b/g, 'within 5 s')

describeIf(requirement('mosquitto'))('the doctor', () => {
  it.each(faults)('names $name', async (fault) => {
    const { step, result = 'fail', code, says } = fault
    const { report, progress } = await check(fault)
    reports.set(fault.name, report)
    const found = report.findings.filter((finding) => finding.result === 'warn' || finding.result === 'fail')
    const named = found.find(
      (finding) => finding.step === step && (says?.test(finding.what) ?? finding.code === code),
    )
    expect(named, JSON.stringify(report.findings, null, 1)).toMatchObject(
      code === undefined ? { step, result } : { step, result, code, ...adviceFor(code as AdviceCode) },
    )
    // One fault, one finding: nothing else may be blamed for it.
    if (result === 'fail') expect(found.filter((finding) => finding.result === 'fail')).toEqual([named])
    if (result === 'fail') expect(report.outcome).toBe(step === 'settings' ? 'settings' : 'trouble')
    const lines = report.findings.flatMap((finding) => findingLines(finding, true))
    const text = [...lines, ...closingLines(report, true)].join('\n')
    for (const output of [JSON.stringify(report), JSON.stringify(progress), text])
      expect(output).not.toMatch(secrets)
    right += 1
  })

  it('finds nothing wrong with a healthy system', async () => {
    const report = await reportOn(healthySystem)
    expect(report.findings.map(({ step, result }) => `${step} ${result}`)).toEqual([
      ...['settings pass', 'name pass', 'tcp pass', 'tls pass', 'connect pass', 'subscribe pass'],
      ...['roundTrip pass', 'owlcms pass', 'bridges pass'],
    ])
    expect(report.outcome).toBe('ok')
    expect(JSON.stringify(report)).not.toMatch(secrets)
  })

  it('says in docs/check-transcripts.md what it says today', async () => {
    const shown = faults.filter(({ transcript: wanted }) => wanted === true)
    const parts = [header, transcript(healthySystem.name, await reportOn(healthySystem))]
    for (const fault of shown) {
      const title = fault.name.charAt(0).toUpperCase() + fault.name.slice(1)
      parts.push(transcript(title, await reportOn(fault)))
    }
    expect(shown).toHaveLength(8)
    await expect(parts.join('\n')).toMatchFileSnapshot('../../docs/check-transcripts.md')
  }, 60_000)

  afterAll(() => {
    process.stdout.write(`\nFaults named rightly, without a secret: ${right} of ${faults.length}\n`)
  })
})
