/**
 * Events of a V2 reserve's tokens. Their topics are other contracts' too, in other shapes (a cToken's Mint, for one), so
 * only a log of a token that a listed configurator announced is read at all.
 */
import type { Hex } from '../../chains/types'
import { divRayHalfUp } from '../../math/fixed-point'
import { SCALED_TOKEN } from '../aave-v3/abi'
import type { Decoder } from '../aave-v3/decode-config'
import { initializedDecoders, tokenMarket } from '../aave-v3/decode-tokens'
import { emit } from '../aave-v3/seeds'
import { expectShape, topicAddress, wordUint } from '../log-shape'
import { NOTHING } from '../trust'
import type { DecodeContext, Decoded, RawLog } from '../types'
import { TOKEN } from './abi'

interface Change {
  name: string
  role: 'aToken' | 'variableDebtToken'
  topics: number
  accountTopic: number
  sign: 1n | -1n
}

/** topic0 → decoder of every event of V2's tokens; later releases of them also tell their decimals. */
export const TOKEN_DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  /** Mint(from indexed, value, index) */
  [TOKEN.ATokenMint, scaledChange({ name: 'Mint', role: 'aToken', topics: 2, accountTopic: 1, sign: 1n })],
  /** Burn(from indexed, target indexed, value, index) */
  [TOKEN.ATokenBurn, scaledChange({ name: 'Burn', role: 'aToken', topics: 3, accountTopic: 1, sign: -1n })],
  /** Mint(from indexed, onBehalfOf indexed, value, index) */
  [
    TOKEN.DebtMint,
    scaledChange({ name: 'Mint', role: 'variableDebtToken', topics: 3, accountTopic: 2, sign: 1n }),
  ],
  /** Burn(user indexed, amount, index) */
  [
    TOKEN.DebtBurn,
    scaledChange({ name: 'Burn', role: 'variableDebtToken', topics: 2, accountTopic: 1, sign: -1n }),
  ],
  [SCALED_TOKEN.BalanceTransfer, balanceTransfer],
  [SCALED_TOKEN.StableMint, stableDebt],
  [SCALED_TOKEN.StableBurn, stableDebt],
  ...initializedDecoders('aave-v2'),
])

function scaledChange({ name, role, topics, accountTopic, sign }: Change): Decoder {
  return (log, context) => {
    const found = tokenMarket(log, context, 'aave-v2')
    if (found?.role !== role) return NOTHING
    expectShape(log, name, topics, 2)
    const [amount, indexRay] = [wordUint(log, 0), wordUint(log, 1)]
    if (indexRay === 0n) return NOTHING
    return emit(log, {
      name: 'scaledChange',
      market: found.seed,
      side: role === 'aToken' ? 'supply' : 'debt',
      account: topicAddress(log, accountTopic),
      deltaBase: sign * amount,
      indexRay,
    })
  }
}

/** BalanceTransfer(from indexed, to indexed, value, index): the value is in base units here, unlike V3's */
function balanceTransfer(log: RawLog, context: DecodeContext): Decoded {
  const found = tokenMarket(log, context, 'aave-v2')
  if (found?.role !== 'aToken') return NOTHING
  expectShape(log, 'BalanceTransfer', 3, 2)
  const [value, indexRay] = [wordUint(log, 0), wordUint(log, 1)]
  if (indexRay === 0n) return NOTHING
  const parties = { from: topicAddress(log, 1), to: topicAddress(log, 2) }
  const scaled = divRayHalfUp(value, indexRay)
  return emit(log, { name: 'scaledTransfer', market: found.seed, ...parties, scaled })
}

/**
 * Stable debt: Mint(user indexed, onBehalfOf indexed, six words); Burn(user indexed, five words). It is not modelled:
 * who ever owed any in a reserve is incomplete there from then on.
 */
function stableDebt(log: RawLog, context: DecodeContext): Decoded {
  const found = tokenMarket(log, context, 'aave-v2')
  if (found?.role !== 'stableDebtToken') return NOTHING
  const mint = log.topics[0] === SCALED_TOKEN.StableMint
  expectShape(log, mint ? 'stable Mint' : 'stable Burn', mint ? 3 : 2, mint ? 6 : 5)
  return emit(log, { name: 'stableDebt', market: found.seed, account: topicAddress(log, mint ? 2 : 1) })
}
