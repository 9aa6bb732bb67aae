import { wrong, type ConfigFault } from './faults.ts'
import { warningOf, type ConfigWarning } from './text.ts'
import type { Hosting } from '../support/hosting.ts'

/** Who may read the metrics, and where. */
export interface MetricsConfig {
  /** Who may read `/metrics` at the web server's port. */
  readonly access:
    { readonly kind: 'off' } | { readonly kind: 'open' } | { readonly kind: 'token'; readonly token: string }
  /** A listener for the metrics alone, open to whoever reaches it. */
  readonly port?: number
}

/** The settings of those who run the bridge, as validated one by one. */
export interface OperationsValues {
  readonly BRIDGE_METRICS_TOKEN: string | undefined
  readonly BRIDGE_METRICS_PORT: number | undefined
  readonly BRIDGE_STOP_DELAY_SECONDS: number
  readonly BRIDGE_VENUE_PORT: number | undefined
  readonly PORT: number
}

/**
 * Seconds that a stop may wait at most. Heroku kills 30 s after SIGTERM, and leaving takes up to 5. Fly.io's limit is
 * the kill_timeout of fly.toml, which nobody tells the program; 300 is the most it may be.
 */
const mostStopDelaySeconds: Readonly<Record<Hosting, number>> = { fly: 290, heroku: 24, other: 290 }

/** Seconds that a stop may wait for a break, no more than the host leaves it. */
export function stopDelayOf(values: OperationsValues, hosting: Hosting): number {
  return Math.min(values.BRIDGE_STOP_DELAY_SECONDS, mostStopDelaySeconds[hosting])
}

/** A public port shows no numbers to strangers unless somebody asks for it. */
export function metricsOf(values: OperationsValues, hosting: Hosting): MetricsConfig {
  const { BRIDGE_METRICS_TOKEN: token, BRIDGE_METRICS_PORT: port } = values
  const isOpen = hosting === 'other' && port === undefined
  return {
    access: token === undefined ? { kind: isOpen ? 'open' : 'off' } : { kind: 'token', token },
    ...(port !== undefined && { port }),
  }
}

/** Faults that only show when several settings are seen together. */
export function checkMetrics(values: OperationsValues, hosting: Hosting, faults: ConfigFault[]): void {
  const { BRIDGE_METRICS_PORT: port } = values
  if (port === undefined) return
  if (hosting === 'heroku') {
    faults.push(wrong('BRIDGE_METRICS_PORT', 'metricsOnHeroku'))
  }
  if (port !== 0 && (port === values.PORT || port === values.BRIDGE_VENUE_PORT)) {
    faults.push(wrong('BRIDGE_METRICS_PORT', 'metricsPortTaken'))
  }
}

/** Works, but may not be meant. */
export function operationsWarnings(values: OperationsValues, hosting: Hosting): readonly ConfigWarning[] {
  const seconds = stopDelayOf(values, hosting)
  return seconds < values.BRIDGE_STOP_DELAY_SECONDS
    ? [warningOf('BRIDGE_STOP_DELAY_SECONDS', 'stopDelay', seconds)]
    : []
}
