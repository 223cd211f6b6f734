/**
 * Liquidations: Bite of the cat (until 2021) and Bark of the dog. Either hands a vault's collateral and debt to an auction;
 * `grab` moves the state. The fact's amount is the DAI owed, its initiator the auction contract, as the event names nobody.
 * What the auction then fetches (Kick, Take, Redo of a clipper) moves no vault and is not read.
 */
import type { Hex } from '../../chains/types'
import { RAY } from '../../math/fixed-point'
import { expectShape, topicAddress, topicBytes32, topicOf, wordAddress, wordUint } from '../log-shape'
import type { DecodeContext, Decoded, RawLog } from '../types'
import { gemAmount } from './decode-vat'
import { seedOf, vatOf } from './seeds'

export const LIQUIDATION = {
  Bite: topicOf('Bite(bytes32,address,uint256,uint256,uint256,address,uint256)'),
  Bark: topicOf('Bark(bytes32,address,uint256,uint256,uint256,address,uint256)'),
} as const

/** Bite/Bark(ilk indexed, urn indexed, ink, art, debt (rad), auction, id) */
export function liquidation(log: RawLog, context: DecodeContext): Decoded {
  const role = log.topics[0] === LIQUIDATION.Bite ? 'cat' : 'dog'
  expectShape(log, role === 'cat' ? 'Bite' : 'Bark', 3, 5)
  const [ilk, urn] = [topicBytes32(log, 1), topicAddress(log, 2)]
  const [ink, debtRad, auction] = [wordUint(log, 0), wordUint(log, 2), wordAddress(log, 3)]
  const vat = vatOf(log, context, role)
  const seed = vat && seedOf(vat, ilk, context)
  const asset: Hex = seed?.dai ?? log.address
  return {
    facts: [
      {
        table: 'lending_event',
        protocol: 'maker',
        subIndex: 0,
        verified: seed !== undefined,
        kind: 'liquidation',
        account: urn,
        initiator: auction,
        pool: seed?.ilk ?? null,
        asset,
        amount: debtRad / RAY,
        collateralAsset: seed?.gem ?? log.address,
        collateralAmount: seed === undefined ? ink : gemAmount(seed, ink),
      },
    ],
    events: [],
  }
}
