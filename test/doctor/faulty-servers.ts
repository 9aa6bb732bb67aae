import { createSocket } from 'node:dgram'
import { Resolver as CallbackResolver, type LookupAddress } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer, type AddressInfo, type LookupFunction, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Worker } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import type { ServerCertificate } from '../support/certificates.ts'

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
export async function blackHole(): Promise<number> {
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
export const mute = (): Promise<number> => listening(createServer())

/** Accepts, and resets as soon as something comes. */
export const resetting = (): Promise<number> =>
  listening(createServer((socket) => void socket.once('data', () => socket.resetAndDestroy())))

export const webServer = (): Promise<number> =>
  listening(createHttpServer((_request, response) => void response.end('hello')))

export const secureWebServer = (certificate: ServerCertificate): Promise<number> =>
  listening(createHttpsServer({ ...certificate }, (_request, response) => void response.end('log in')))

/** TLS with this certificate, and silence behind it. */
export const tlsServer = (certificate: ServerCertificate): Promise<number> =>
  listening(createTlsServer({ ...certificate }).on('tlsClientError', () => undefined))

export const oldTlsServer = (certificate: ServerCertificate): Promise<number> =>
  listening(
    createTlsServer({
      ...certificate,
      ...{ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    }).on('tlsClientError', () => undefined),
  )

/** What a name server does with a question: no such name, no word, or one text record. */
export type NameServerHabit = 'noSuchName' | 'silent' | { readonly text: string }

/** A real name server over UDP, and look-ups through it in the shape that `net.connect` takes. */
export async function nameServer(habit: NameServerHabit): Promise<{
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
export const everythingIsHere: LookupFunction = (_host, options, done) => {
  const here: LookupAddress = { address: '127.0.0.1', family: 4 }
  if (options.all === true) done(null, [here])
  else done(null, here.address, here.family)
}
