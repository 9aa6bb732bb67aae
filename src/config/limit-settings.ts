import {
  defaultClientLimits,
  defaultHubLimits,
  defaultJournalLimits,
  type ClientLimits,
  type HubLimits,
  type JournalLimits,
} from '../support/limits.ts'
import { wholeNumber } from './validators.ts'

/** The limits that can be set; the others are constants of support/limits.ts (R7). */
export type Limits = Pick<
  ClientLimits & HubLimits & JournalLimits,
  | 'maxClients'
  | 'maxClientsPerAddress'
  | 'maxPacketBytes'
  | 'outboxBytes'
  | 'connectTimeoutMs'
  | 'messagesPerSecond'
  | 'messageBurst'
  | 'flushWindowMs'
  | 'maxKeptSessions'
  | 'loginFailuresPerSecond'
  | 'loginFailureBurst'
  | 'paceMs'
  | 'pacedMessages'
  | 'matchCacheTopics'
  | 'journalEntries'
  | 'journalFileBytes'
  | 'journalFiles'
>

const defaults: Limits = { ...defaultClientLimits, ...defaultHubLimits, ...defaultJournalLimits }

function limit(key: keyof Limits, unit: string, least: number, most: number, desc: string) {
  return wholeNumber(unit, least, most)({ default: defaults[key], desc, example: String(defaults[key]) })
}

/** One validator for each limit, with its unit and its sane range. */
export const limitSpecs = {
  BRIDGE_MAX_CLIENTS: limit('maxClients', 'clients', 1, 100_000, 'Clients connected at the same time.'),
  BRIDGE_MAX_CLIENTS_PER_ADDRESS: limit(
    'maxClientsPerAddress',
    'clients',
    1,
    100_000,
    'Clients from one network address; a whole hall may share one.',
  ),
  BRIDGE_MAX_PACKET_BYTES: limit(
    'maxPacketBytes',
    'bytes',
    256,
    1_048_576,
    'Largest MQTT packet of a client; the limit of owlcms’s own server.',
  ),
  BRIDGE_OUTBOX_BYTES: limit(
    'outboxBytes',
    'bytes',
    16_384,
    67_108_864,
    'Bytes that may wait for one slow client.',
  ),
  BRIDGE_CONNECT_TIMEOUT_MS: limit(
    'connectTimeoutMs',
    'milliseconds',
    500,
    60_000,
    'Milliseconds a new client has to introduce itself.',
  ),
  BRIDGE_MESSAGES_PER_SECOND: limit(
    'messagesPerSecond',
    'messages',
    1,
    10_000,
    'Messages a second that one client may send in the long run.',
  ),
  BRIDGE_MESSAGE_BURST: limit(
    'messageBurst',
    'messages',
    1,
    100_000,
    'Messages that one client may send at once.',
  ),
  BRIDGE_FLUSH_WINDOW_MS: limit(
    'flushWindowMs',
    'milliseconds',
    0,
    10_000,
    'Milliseconds after a client’s first words in which its presses are held back, since they may be old; 0 holds none.',
  ),
  BRIDGE_MAX_KEPT_SESSIONS: limit(
    'maxKeptSessions',
    'sessions',
    0,
    100_000,
    'Sessions kept for clients that are away, for 5 minutes each.',
  ),
  BRIDGE_LOGIN_FAILURES_PER_SECOND: limit(
    'loginFailuresPerSecond',
    'failures',
    1,
    1_000,
    'Wrong passwords a second from one address that are still answered.',
  ),
  BRIDGE_LOGIN_FAILURE_BURST: limit(
    'loginFailureBurst',
    'failures',
    1,
    100_000,
    'Wrong passwords from one address before that rate holds.',
  ),
  BRIDGE_PACE_MS: limit(
    'paceMs',
    'milliseconds',
    5,
    100,
    'Milliseconds between two presses of one platform; owlcms needs 5.',
  ),
  BRIDGE_PACED_MESSAGES: limit(
    'pacedMessages',
    'messages',
    1,
    1_000,
    'Presses of one platform that may wait for their turn.',
  ),
  BRIDGE_MATCH_CACHE_TOPICS: limit(
    'matchCacheTopics',
    'topics',
    1,
    100_000,
    'Topics whose recipients are remembered.',
  ),
  BRIDGE_JOURNAL_ENTRIES: limit(
    'journalEntries',
    'records',
    100,
    1_000_000,
    'Records of the journal kept in memory per platform; a lift has about 35.',
  ),
  BRIDGE_JOURNAL_FILE_BYTES: limit(
    'journalFileBytes',
    'bytes',
    10_000,
    1_000_000_000,
    'Bytes of one file of the journal; then the next one begins.',
  ),
  BRIDGE_JOURNAL_FILES: limit(
    'journalFiles',
    'files',
    1,
    100_000,
    'Files of the journal that are kept; the oldest goes first.',
  ),
}
