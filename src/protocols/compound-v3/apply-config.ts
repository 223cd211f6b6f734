/**
 * Configuration events: what the configurator holds now, what it deployed, and what the comet runs.
 *
 * Changes wait in the configurator until an implementation is deployed from them (CometDeployed) and the comet's proxy is
 * upgraded to it. An upgrade to an implementation that no configurator deployed leaves the rules unknown.
 */
import type { Hex } from '../../chains/types'
import type { DecodeContext, MarketState, StateView } from '../types'
import { type CometConfig, withAsset } from './config'
import type { CompoundV3Event } from './events'
import { baseRow, poolRow, writeConfig } from './state'

type ConfigEvent = Extract<
  CompoundV3Event,
  { name: 'configuration' | 'baseField' | 'assetField' | 'deployed' | 'upgraded' }
>

/** Deployments remembered for the upgrade that may follow. */
const MAX_DEPLOYMENTS = 3

/** Applies one configuration event. */
export function applyConfig(event: ConfigEvent, state: StateView, context: DecodeContext): void {
  const pool = poolRow(event.comet, state)
  const pending = readConfig(pool.state.pendingConfig)
  if (event.name === 'upgraded') applyUpgrade(event, pool, state, context)
  else if (event.name === 'configuration') setPending(pool, event.config, state)
  // Without a whole configuration first, single changes say too little.
  else if (pending === undefined) return
  else if (event.name === 'baseField') setPending(pool, { ...pending, [event.field]: event.value }, state)
  else if (event.name === 'assetField') setPending(pool, withAsset(pending, event.asset, event.change), state)
  else {
    const kept = deploymentsOf(pool).filter(({ implementation }) => implementation !== event.implementation)
    const deployments = [...kept, { implementation: event.implementation, config: pending }]
    const text = JSON.stringify(deployments.slice(-MAX_DEPLOYMENTS))
    state.setMarket({ ...pool, state: { ...pool.state, deployments: text } })
  }
}

function applyUpgrade(
  event: ConfigEvent & { name: 'upgraded' },
  pool: MarketState,
  state: StateView,
  context: DecodeContext,
): void {
  const { comet, ref } = event
  const found = deploymentsOf(pool).find(({ implementation }) => implementation === event.implementation)
  const base = baseRow(comet, state)
  const running = base.state.configured === true
  // The comet's next accrual applies the new curves to the whole time since its last one, and so does ours.
  const started = running
    ? base
    : { ...base, state: { ...base.state, lastAccrualSec: ref.block.timestampSec } }
  const lost = running && found === undefined
  state.setMarket({
    ...pool,
    complete: pool.complete && !lost,
    state: { ...pool.state, implementation: event.implementation, ...(lost ? { doubt: 'lasting' } : {}) },
  })
  if (found === undefined) {
    state.setMarket({ ...started, state: { ...started.state, configured: false } })
    return
  }
  state.setMarket(started)
  writeConfig(comet, found.config, context.token(comet.base)?.decimals ?? null, state)
}

function setPending(pool: MarketState, config: CometConfig, state: StateView): void {
  state.setMarket({ ...pool, state: { ...pool.state, pendingConfig: JSON.stringify(config) } })
}

function readConfig(value: MarketState['state'][string] | undefined): CometConfig | undefined {
  return typeof value === 'string' ? (JSON.parse(value) as CometConfig) : undefined
}

function deploymentsOf({ state }: MarketState): { implementation: Hex; config: CometConfig }[] {
  return JSON.parse(String(state.deployments ?? '[]')) as { implementation: Hex; config: CometConfig }[]
}
