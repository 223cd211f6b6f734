/** Maker: vaults of every ilk, their rates and prices, from notes of the vat and events of the modules around it. */
import type { Hex } from '../../chains/types'
import { topicOf } from '../log-shape'
import { NOTHING } from '../trust'
import type { DecodeContext, Decoded, Protocol, RawLog } from '../types'
import { applyMaker, touchedByMaker } from './apply'
import { LIQUIDATION, liquidation } from './decode-liquidation'
import { give, NEW_CDP, newCdp } from './decode-owner'
import { poke, VAT_DECODERS } from './decode-vat'
import { FLASH_LOAN, flashMint } from './flash'
import { NOTE } from './note'
import { makerRisk } from './risk'

type Decoder = (log: RawLog, context: DecodeContext) => Decoded

const DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  ...VAT_DECODERS,
  [topicOf('Poke(bytes32,bytes32,uint256)'), poke],
  [LIQUIDATION.Bite, liquidation],
  [LIQUIDATION.Bark, liquidation],
  [NEW_CDP, newCdp],
  [NOTE.give, give],
  [FLASH_LOAN, flashMint],
])

export const maker: Protocol = {
  name: 'maker',
  decoderVersion: 2,
  topics: [...DECODERS.keys()],
  /** Selectors are everybody's: other contracts leave notes of functions with these signatures. */
  listedTopics: Object.values(NOTE),
  anyEmitter: true,
  decode: (log, context) => DECODERS.get(log.topics[0] as Hex)?.(log, context) ?? NOTHING,
  touches: touchedByMaker,
  apply: applyMaker,
  risk: makerRisk,
}
