import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requirement } from '../../support/requirements.ts'
import { freePort } from '../../support/program.ts'

export const rabbitNeeds = requirement('rabbitmq')

interface Login {
  readonly username: string
  readonly password: string
}

/**
 * Debian's RabbitMQ on 127.0.0.1, without its service: two nodes that are one broker, each with a port for plain MQTT. All files in a
 * folder of its own, and a name server (epmd) of its own.
 */
export async function startRabbitCluster(login: Login) {
  const folder = await mkdtemp(join(tmpdir(), 'owlcms-bridge-rabbit-'))
  const children: ChildProcess[] = []
  /** Ends it without a goodbye and removes its files. */
  const stop = async (): Promise<void> => {
    await Promise.all(children.map((child) => end(child)))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const epmdPort = await freePort()
    children.push(
      spawn('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], {
        stdio: 'ignore',
        detached: true,
      }),
    )
    const named = (node: string): string => `bridge${epmdPort}${node}@localhost`
    const names = [named('one'), named('two')] as const
    const start = (name: string) => startNode(join(folder, name), name, names, epmdPort, login, children)
    const [one, two] = await Promise.all([start(names[0]), start(names[1])])
    return { version: one.version, ports: [one.port, two.port] as const, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startNode(
  folder: string,
  name: string,
  names: readonly string[],
  epmdPort: number,
  login: Login,
  children: ChildProcess[],
): Promise<{ readonly port: number; readonly version: string }> {
  const [port, amqpPort, distPort] = [await freePort(), await freePort(), await freePort()]
  await mkdir(folder)
  await writeFile(join(folder, 'plugins'), '[rabbitmq_mqtt].\n')
  await writeFile(
    join(folder, 'rabbitmq.conf'),
    [
      `listeners.tcp.1 = 127.0.0.1:${amqpPort}`,
      `mqtt.listeners.tcp.1 = 127.0.0.1:${port}`,
      'mqtt.allow_anonymous = false',
      `default_user = ${login.username}`,
      `default_pass = ${login.password}`,
      'cluster_formation.peer_discovery_backend = classic_config',
      ...names.map((each, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${each}`),
      '',
    ].join('\n'),
  )
  const own = {
    // Where it keeps the cookie.
    HOME: folder,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: name,
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    // The service's own settings are not ours.
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    // One scheduler that sleeps when it has nothing to do.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
      ...['+S', '1:1', '+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none'],
      ...['-setcookie', `cookie${epmdPort}`, '-kernel', 'inet_dist_use_interface', '{127,0,0,1}'],
    ].join(' '),
  }
  const child = spawn(rabbitNeeds.path ?? 'rabbitmq-server', [], {
    env: { ...process.env, ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: the script starts Erlang as its child.
    detached: true,
  })
  children.push(child)
  let said = ''
  const started = new Promise<void>((resolve, reject) => {
    const look = (text: string): void => {
      said += text
      if (said.includes('Starting broker... completed')) resolve()
    }
    child.stdout.setEncoding('utf8').on('data', look)
    child.stderr.setEncoding('utf8').on('data', look)
    child.once('exit', () => reject(new Error(`RabbitMQ did not start: ${said.slice(-2_000)}`)))
    child.once('error', reject)
  })
  await started
  return { port, version: /RabbitMQ (\d+\.\d+\.\d+)/.exec(said)?.[1] ?? 'unknown' }
}

/** The whole group: the script and Erlang. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await exited
}
