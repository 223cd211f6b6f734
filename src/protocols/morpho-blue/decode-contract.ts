/** Decodes what concerns Morpho as a whole: flash loans, its owner's acts, and rights that accounts give away. */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, wordBool, wordUint } from '../log-shape'
import { listedAs } from '../trust'
import type { DecodeContext, Decoded, Fact, RawLog } from '../types'
import { CONTRACT } from './abi'
import type { MorphoEvent } from './events'
import { contractRow, withFeeRecipient } from './state'

type AdminFact = Extract<Fact, { table: 'admin_action' }>

export const CONTRACT_DECODERS: Readonly<Record<Hex, (log: RawLog, context: DecodeContext) => Decoded>> = {
  [CONTRACT.FlashLoan]: flashLoan,
  [CONTRACT.SetAuthorization]: setAuthorization,
  [CONTRACT.SetOwner]: (log, context) => {
    const newOwner = oneAddress(log, 'SetOwner')
    return act(log, context, { kind: 'ownershipTransferred', actor: newOwner, detail: { newOwner } })
  },
  [CONTRACT.SetFeeRecipient]: setFeeRecipient,
  [CONTRACT.EnableIrm]: (log, context) => {
    const irm = oneAddress(log, 'EnableIrm')
    return act(log, context, { kind: 'rateModelEnabled', actor: null, detail: { irm } })
  },
  [CONTRACT.EnableLltv]: (log, context) => {
    expectShape(log, 'EnableLltv', 1, 1)
    const lltvWad = wordUint(log, 0).toString()
    return act(log, context, { kind: 'lltvEnabled', actor: null, detail: { lltvWad } })
  },
}

function oneAddress(log: RawLog, name: string): Hex {
  expectShape(log, name, 2, 0)
  return topicAddress(log, 1)
}

/** FlashLoan(caller indexed, token indexed, assets): free of charge */
function flashLoan(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'FlashLoan', 3, 1)
  const caller = topicAddress(log, 1)
  const fact: Fact = {
    table: 'flash_loan',
    protocol: 'morpho-blue',
    subIndex: 0,
    verified: listedAs(log, context, 'morpho-blue', 'morpho') !== undefined,
    initiator: caller,
    receiver: caller,
    asset: topicAddress(log, 2),
    amount: wordUint(log, 0),
    premium: 0n,
  }
  return { facts: [fact], events: [] }
}

/** SetAuthorization(caller indexed, authorizer indexed, authorized indexed, newIsAuthorized): over all positions */
function setAuthorization(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'SetAuthorization', 4, 1)
  const [caller, authorizer, authorized] = [topicAddress(log, 1), topicAddress(log, 2), topicAddress(log, 3)]
  const kind = wordBool(log, 0) ? 'authorizationGranted' : 'authorizationRevoked'
  return act(log, context, { kind, actor: authorized, detail: { caller, authorizer, authorized } })
}

/** SetFeeRecipient(newFeeRecipient indexed): receives the fee shares of every market from here on */
function setFeeRecipient(log: RawLog, context: DecodeContext): Decoded {
  const feeRecipient = oneAddress(log, 'SetFeeRecipient')
  const decoded = act(log, context, {
    kind: 'feeRecipientSet',
    actor: feeRecipient,
    detail: { feeRecipient },
  })
  const morpho = listedAs(log, context, 'morpho-blue', 'morpho')
  if (morpho === undefined) return decoded
  const seed = contractRow(morpho, context)
  // Decoding sees the directory and not the fold, and may run ahead of it: it keeps all recipients, the fold picks one.
  context.markets.add(withFeeRecipient(context.markets.get(seed.id) ?? seed, feeRecipient), [])
  const ref = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  const event: MorphoEvent = {
    protocol: 'morpho-blue',
    ref,
    name: 'feeRecipient',
    marketId: seed.id,
    recipient: feeRecipient,
    seed,
  }
  return { ...decoded, events: [event] }
}

function act(
  log: RawLog,
  context: DecodeContext,
  what: Pick<AdminFact, 'kind' | 'actor' | 'detail'>,
): Decoded {
  const verified = listedAs(log, context, 'morpho-blue', 'morpho') !== undefined
  const fact: Fact = { table: 'admin_action', subIndex: 0, verified, target: log.address, ...what }
  return { facts: [fact], events: [] }
}
