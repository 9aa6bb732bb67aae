import { randomBytes } from 'node:crypto'
import type { LoadedConfig } from '../config/config.ts'
import { asWritten, keepSettings, type SettingChanges } from '../config/keep-settings.ts'
import { cleanText } from '../config/text.ts'
import { runCheck } from '../doctor/check.ts'
import { ownUpgrades } from '../downstream/transport/upgrade.ts'
import { createDeskApp, type DeskView } from '../http/desk/desk-app.tsx'
import { DeskKeys, forThisComputer } from '../http/desk/desk-door.ts'
import { closedDoor } from '../http/door/front-door.ts'
import { answerOf } from '../http/door/listen.ts'
import type { PageFiles } from '../http/shells/page-files.ts'
import type {
  DeskRequest,
  DeskSettings,
  MeetingPlace,
  SaveAnswer,
  Serving,
} from '../protocol/contract/desk.ts'
import type { Clock } from '../support/clock.ts'
import { errorCode, errorText } from '../support/errors.ts'
import { defaultClientLimits } from '../support/limits.ts'
import type { Logger } from '../support/logger.ts'
import type { Language } from '../texts/languages.ts'
import { defined } from '../protocol/defined.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface DeskOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly version: string
  readonly pageFiles: PageFiles
  /** Where the settings are kept. */
  readonly file: string
  /** The settings as they are given now, the file's among them. */
  readonly given: () => Environment
  /** What the bridge would make of these. */
  readonly load: (env: Environment) => LoadedConfig
  readonly serving: () => Serving
  /** Ends the bridge and starts it with the settings as they are now. Never rejects. */
  readonly restart: () => Promise<Serving>
  /** How owlcms and boxes reach this computer. */
  readonly reach: () => DeskSettings['reach']
}

/** The page while it is open. */
export interface SettingsDesk {
  /** An address of the page, good for one visit. */
  address(): string
  close(): Promise<void>
}

/**
 * Opens the page on which the settings of a bridge in the hall are made and changed: on a port of its own that only this computer
 * reaches, whatever stands in front of the bridge's own port. Rejects when it can't listen.
 */
export async function openSettingsDesk(options: DeskOptions): Promise<SettingsDesk> {
  const { clock, log, pageFiles, version } = options
  const door = await closedDoor({ host: '127.0.0.1', port: 0 })
  const { closeTimeoutMs } = defaultClientLimits
  ownUpgrades(door.server, [], { clock, closeTimeoutMs, allowedOrigins: [] })
  const keys = new DeskKeys()
  const onError = (error: unknown): void => log.error({ err: errorText(error) }, 'surprise in a page')
  const app = createDeskApp(deskView(options), keys, version, { hosting: 'other', pageFiles, onError })
  door.open(forThisComputer(answerOf(app), door.port))
  return {
    address: () => `http://127.0.0.1:${door.port}/#${keys.invite()}`,
    close: () => door.close(),
  }
}

/** What the page asks, done. */
export function deskView(options: DeskOptions): DeskView {
  const { clock, random } = options
  let saving: Promise<unknown> = Promise.resolve()
  return {
    settings: () => settingsOf(options),
    async check(request, language, tell, signal) {
      const loaded = loadedWith(options, changesOf(request, options.given()))
      // Nothing is there yet that could be tried.
      const report =
        loaded.kind === 'valid' && request.place === 'own'
          ? ({ outcome: 'ok' } as const)
          : await runCheck(loaded, { clock, random, language, signal, progress: tell })
      tell({ kind: 'done', outcome: report.outcome })
    },
    save(request, language) {
      const saved = saving.then(() => save(options, request, language))
      saving = saved.catch(() => undefined)
      return saved
    },
  }
}

async function save(options: DeskOptions, request: DeskRequest, language: Language): Promise<SaveAnswer> {
  const changes = changesOf(request, options.given())
  const loaded = loadedWith(options, changes)
  if (loaded.kind === 'faulty') {
    const { clock, random } = options
    const { findings } = await runCheck(loaded, { clock, random, language })
    return { kind: 'faulty', findings: findings.filter(({ result }) => result === 'fail') }
  }
  try {
    await keepSettings(options.file, changes)
  } catch (error) {
    options.log.warn({ code: errorCode(error) }, 'the settings could not be kept')
    return { kind: 'notKept', code: String(errorCode(error) ?? errorText(error)) }
  }
  options.log.info({ settings: Object.keys(changes) }, 'settings kept')
  return { kind: 'saved', serving: await options.restart() }
}

const textIn = (env: Environment, name: string): string => cleanText(env[name] ?? '').text

function placeIn(env: Environment): MeetingPlace | undefined {
  if (textIn(env, 'BRIDGE_BROKER') === 'own') return 'own'
  return textIn(env, 'OWLCMS_MQTTSERVER') === '' ? undefined : 'broker'
}

function settingsOf({ given, file, reach, serving }: DeskOptions): DeskSettings {
  const env = given()
  const place = placeIn(env)
  return {
    ...defined({ place }),
    server: textIn(env, 'OWLCMS_MQTTSERVER'),
    port: textIn(env, 'OWLCMS_MQTTPORT'),
    username: textIn(env, 'OWLCMS_MQTTUSERNAME'),
    hasPassword: textIn(env, 'OWLCMS_MQTTPASSWORD') !== '',
    hasAdminPassword: textIn(env, 'BRIDGE_ADMIN_PASSWORD') !== '',
    file,
    reach: reach(),
    serving: serving(),
  }
}

/** What the form means for the settings; a text that is absent stays as it is. */
export function changesOf(request: DeskRequest, env: Environment): SettingChanges {
  const { place, adminPassword } = request
  const before = placeIn(env)
  const admin = defined({ BRIDGE_ADMIN_PASSWORD: adminPassword })
  if (place === 'own') {
    const login = before === 'own' && textIn(env, 'OWLCMS_MQTTUSERNAME') !== ''
    return {
      ...(before === 'own' ? {} : noBroker),
      BRIDGE_BROKER: 'own',
      ...(login ? {} : { BRIDGE_ALLOW_ANONYMOUS: 'true' }),
      // Without one, printed codes would end with each restart.
      ...(textIn(env, 'BRIDGE_SECRET') === ''
        ? { BRIDGE_SECRET: randomBytes(24).toString('base64url') }
        : {}),
      ...admin,
    }
  }
  const login: SettingChanges = {
    OWLCMS_MQTTSERVER: request.server.trim(),
    OWLCMS_MQTTPORT: request.port.trim(),
    OWLCMS_MQTTUSERNAME: request.username.trim(),
  }
  const same = Object.entries(login).every(([name, text]) => textIn(env, name) === text)
  // Who changes the address doesn't learn the password: it goes to no other one than it was typed for.
  const password = request.password ?? (same ? undefined : '')
  return {
    ...login,
    ...defined({ OWLCMS_MQTTPASSWORD: password }),
    // With a broker the codes are signed by what all bridges there know.
    ...(before === 'own' ? { BRIDGE_BROKER: '', BRIDGE_ALLOW_ANONYMOUS: '', BRIDGE_SECRET: '' } : {}),
    ...admin,
  }
}

const noBroker: SettingChanges = {
  OWLCMS_MQTTSERVER: '',
  OWLCMS_MQTTPORT: '',
  OWLCMS_MQTTUSERNAME: '',
  OWLCMS_MQTTPASSWORD: '',
}

/** The settings with these changes. The quotes that {@link asWritten} puts are ours, and nothing to tell. */
function loadedWith({ given, load }: DeskOptions, changes: SettingChanges): LoadedConfig {
  const written = Object.entries(changes).map(([name, text]) => [name, asWritten(text)] as const)
  const loaded = load({ ...given(), ...Object.fromEntries(written) })
  const warnings = loaded.warnings.filter(
    ({ setting, saying: [code] }) => code !== 'quotes' || !Object.hasOwn(changes, setting),
  )
  return { ...loaded, warnings }
}
