/** How a comptroller is set up, and who entered which market. Believed only of comptrollers that the chain file lists. */
import type { Hex } from '../../chains/types'
import { expectShape, wordAddress, wordBool, wordUint } from '../log-shape'
import { NOTHING } from '../trust'
import { type DecodeContext, type Decoded, type RawLog, UndecodableLog } from '../types'
import { COMPTROLLER } from './abi'
import { comptrollerOf, emit, marketNamed } from './seeds'
import { initialState } from './state'

type Decoder = (log: RawLog, context: DecodeContext) => Decoded

/** topic0 → decoder of the comptroller's events. */
export const COMPTROLLER_DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  [COMPTROLLER.MarketListed, marketListed],
  [COMPTROLLER.MarketEntered, (log, context) => membership(log, context, true)],
  [COMPTROLLER.MarketExited, (log, context) => membership(log, context, false)],
  [COMPTROLLER.NewCollateralFactor, newCollateralFactor],
  [COMPTROLLER.NewCloseFactor, (log, context) => poolField(log, context, 'closeFactorMantissa')],
  [
    COMPTROLLER.NewLiquidationIncentive,
    (log, context) => poolField(log, context, 'liquidationIncentiveMantissa'),
  ],
  [COMPTROLLER.NewPriceOracle, newPriceOracle],
  [COMPTROLLER.ActionPaused, actionPaused],
  [COMPTROLLER.ActionPausedGlobally, actionPaused],
])

/** MarketListed(cToken) */
function marketListed(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'MarketListed', 1, 1)
  const cToken = wordAddress(log, 0)
  const pool = comptrollerOf(log, context)
  if (pool === undefined) return NOTHING
  const market = marketNamed(cToken, pool, context)
  context.markets.add(initialState(market), [{ address: cToken, role: 'cToken' }])
  return emit(log, { name: 'listed', market })
}

/** MarketEntered(cToken, account); MarketExited(cToken, account) */
function membership(log: RawLog, context: DecodeContext, entered: boolean): Decoded {
  expectShape(log, entered ? 'MarketEntered' : 'MarketExited', 1, 2)
  const [cToken, account] = [wordAddress(log, 0), wordAddress(log, 1)]
  const pool = comptrollerOf(log, context)
  if (pool === undefined) return NOTHING
  const market = marketNamed(cToken, pool, context)
  const { events } = emit(log, { name: 'membership', market, account, entered })
  const { asset } = market
  return {
    facts: [
      {
        table: 'lending_event',
        protocol: 'compound-v2',
        subIndex: 0,
        verified: true,
        kind: entered ? 'collateralOn' : 'collateralOff',
        account,
        initiator: account,
        pool: pool.pool,
        marketSuffix: cToken,
        asset,
        amount: 0n,
        collateralAsset: null,
        collateralAmount: null,
      },
    ],
    events,
  }
}

/** NewCollateralFactor(cToken, oldMantissa, newMantissa) */
function newCollateralFactor(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'NewCollateralFactor', 1, 3)
  const [cToken, factor] = [wordAddress(log, 0), wordUint(log, 2)]
  return ofMarket(log, context, cToken, { collateralFactorMantissa: factor.toString() })
}

/** NewCloseFactor(oldMantissa, newMantissa); NewLiquidationIncentive(oldMantissa, newMantissa) */
function poolField(log: RawLog, context: DecodeContext, field: string): Decoded {
  expectShape(log, field, 1, 2)
  return ofPool(log, context, { [field]: wordUint(log, 1).toString() })
}

/** NewPriceOracle(old, new) */
function newPriceOracle(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'NewPriceOracle', 1, 2)
  const oracle = wordAddress(log, 1)
  const market = comptrollerOf(log, context)
  return market === undefined ? NOTHING : emit(log, { name: 'oracle', market, oracle })
}

/** ActionPaused([cToken,] action, state): `action` is Mint, Borrow, Transfer or Seize */
function actionPaused(log: RawLog, context: DecodeContext): Decoded {
  if (comptrollerOf(log, context) === undefined) return NOTHING
  const global = log.topics[0] === COMPTROLLER.ActionPausedGlobally
  const at = global ? 0 : 1
  expectShape(log, 'ActionPaused', 1, at + 3)
  const paused = wordBool(log, at + 1)
  const action = actionName(log, at)
  const changes = { [`paused${action}`]: paused }
  return global ? ofPool(log, context, changes) : ofMarket(log, context, wordAddress(log, 0), changes)
}

const MAX_ACTION_CHARS = 32

/** The string whose offset stands in the word; only letters, as it names a field. */
function actionName(log: RawLog, word: number): string {
  const offset = wordUint(log, word, 16)
  if (offset % 32n !== 0n) throw new UndecodableLog('ActionPaused: string out of place')
  const at = Number(offset / 32n)
  const length = Number(wordUint(log, at, 16))
  const text = Buffer.from(log.data.slice(2 + (at + 1) * 64, 2 + (at + 1) * 64 + length * 2), 'hex').toString(
    'latin1',
  )
  if (text.length !== length || length > MAX_ACTION_CHARS || !/^[A-Za-z]+$/.test(text))
    throw new UndecodableLog('ActionPaused: no name of an action')
  return text
}

function ofPool(log: RawLog, context: DecodeContext, changes: Record<string, string | boolean>): Decoded {
  const market = comptrollerOf(log, context)
  return market === undefined ? NOTHING : emit(log, { name: 'configured', market, changes })
}

function ofMarket(
  log: RawLog,
  context: DecodeContext,
  cToken: Hex,
  changes: Record<string, string | boolean>,
): Decoded {
  const pool = comptrollerOf(log, context)
  if (pool === undefined) return NOTHING
  return emit(log, { name: 'configured', market: marketNamed(cToken, pool, context), changes })
}
