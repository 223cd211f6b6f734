/**
 * First half of a batch: logs in order → facts, protocol events, discovered markets and misfits. Pure.
 *
 * A topic0 may be claimed by several protocols. A log is quarantined when one of them refuses it and none makes
 * anything of it, so that one standard's misfit is not another's fault. A decoder that fails in an unforeseen way
 * quarantines the log too: one odd log must not hold up a chain.
 */
import type { ChainSpec, Hex } from '../chains/types'
import { messageOf } from '../errors'
import {
  type BlockRef,
  type DecodeContext,
  type Fact,
  type Protocol,
  type ProtocolEvent,
  type RawLog,
  UndecodableLog,
} from '../protocols/types'
import type { SourceBlock } from './block'
import type { Discovery, WorkingDirectory } from './directory'
import { assetsOfMarket } from './identities'

export interface DecodedFact {
  fact: Fact
  log: RawLog
  /** The fact's own sub-index, moved up where two protocols claimed the same one for a log. */
  subIndex: number
}

/** A step of the fold: a discovered market, or an event to apply. */
export type Step =
  | { kind: 'discover'; discovery: Discovery; log: RawLog }
  | { kind: 'apply'; event: ProtocolEvent; protocol: Protocol; log: RawLog }

export interface Misfit {
  log: RawLog
  reason: string
}

export interface DecodedBlock {
  ref: BlockRef
  facts: DecodedFact[]
  steps: Step[]
  misfits: Misfit[]
  /** Assets in order of first use, and whether a chain file or listed factory vouches for them. */
  assets: Map<Hex, boolean>
}

export interface Decoder {
  context: DecodeContext
  decodeBlock(block: SourceBlock): DecodedBlock
}

/** Protocols by the topic0 they claim, in registry order. */
export function byTopic(protocols: readonly Protocol[]): Map<Hex, Protocol[]> {
  const map = new Map<Hex, Protocol[]>()
  for (const protocol of protocols) {
    for (const topic of new Set(protocol.topics)) {
      const claimants = map.get(topic)
      if (claimants) claimants.push(protocol)
      else map.set(topic, [protocol])
    }
  }
  return map
}

function assetsOf(fact: Fact): Hex[] {
  switch (fact.table) {
    case 'lending_event':
      return fact.collateralAsset ? [fact.asset, fact.collateralAsset] : [fact.asset]
    case 'price_update':
      return fact.asset ? [fact.asset] : []
    case 'swap':
    case 'admin_action':
      return []
    default:
      return [fact.asset]
  }
}

/** Gives facts of one log distinct sub-indexes within a table; needed only where protocols share a log. */
function separate(facts: DecodedFact[]): void {
  const taken = new Set<string>()
  for (const entry of facts) {
    while (taken.has(`${entry.fact.table}:${entry.subIndex}`)) entry.subIndex++
    taken.add(`${entry.fact.table}:${entry.subIndex}`)
  }
}

export interface DecoderOptions {
  chain: ChainSpec
  protocolsByTopic: ReadonlyMap<Hex, readonly Protocol[]>
  directory: WorkingDirectory
  /** First block of the unbroken coverage that the given height belongs to. */
  coverageFrom(protocol: string, height: number): number
}

/** A decoder for one attempt at a batch. Blocks must be given in order. */
export function createDecoder(options: DecoderOptions): Decoder {
  const { chain, directory, protocolsByTopic } = options
  const contracts = new Map(chain.contracts.map((entry) => [entry.address, entry]))
  const tokens = new Map(chain.tokens.map((entry) => [entry.address, entry]))
  const feeds = new Map(chain.feeds.map((entry) => [entry.address, entry]))
  let height = 0
  const context: DecodeContext = {
    chain,
    listed: (address) => contracts.get(address),
    token: (address) => tokens.get(address),
    feed: (address) => feeds.get(address),
    markets: directory,
    coverageFrom: (protocol) => options.coverageFrom(protocol, height),
  }
  const known = (address: Hex): boolean =>
    contracts.has(address) ||
    tokens.has(address) ||
    feeds.has(address) ||
    directory.byEmitter(address) !== undefined
  const vouched = (asset: Hex): boolean => tokens.has(asset) || directory.byEmitter(asset) !== undefined

  function meetAssets(out: DecodedBlock, assets: readonly Hex[]): void {
    for (const asset of assets) if (!out.assets.has(asset)) out.assets.set(asset, vouched(asset))
  }

  function decodeLog(log: RawLog, out: DecodedBlock): void {
    const claimants = log.topics[0] === undefined ? undefined : protocolsByTopic.get(log.topics[0])
    if (claimants === undefined) return
    directory.at(log)
    let refusal: string | undefined
    const facts: DecodedFact[] = []
    let eventCount = 0
    for (const protocol of claimants) {
      if (!protocol.anyEmitter && !known(log.address)) continue
      try {
        const decoded = protocol.decode(log, context)
        for (const discovery of directory.takeDiscoveries()) {
          out.steps.push({ kind: 'discover', discovery, log })
          meetAssets(out, assetsOfMarket(discovery.market))
        }
        for (const fact of decoded.facts) facts.push({ fact, log, subIndex: fact.subIndex })
        for (const event of decoded.events) out.steps.push({ kind: 'apply', event, protocol, log })
        eventCount += decoded.events.length
      } catch (error) {
        directory.takeDiscoveries()
        refusal ??=
          error instanceof UndecodableLog
            ? `${protocol.name}: ${error.reason}`
            : `${protocol.name}: decoder failed: ${messageOf(error)}`
      }
    }
    if (refusal !== undefined && facts.length === 0 && eventCount === 0)
      out.misfits.push({ log, reason: refusal })
    if (facts.length > 1 && claimants.length > 1) separate(facts)
    for (const entry of facts) {
      out.facts.push(entry)
      meetAssets(out, assetsOf(entry.fact))
    }
  }

  return {
    context,
    decodeBlock(block) {
      height = block.ref.height
      const out: DecodedBlock = { ref: block.ref, facts: [], steps: [], misfits: [], assets: new Map() }
      // A stack trace costs more than decoding does; a spammer's logs are refused by the thousand.
      const limit = Error.stackTraceLimit
      Error.stackTraceLimit = 0
      try {
        for (const log of block.logs) decodeLog(log, out)
      } finally {
        Error.stackTraceLimit = limit
      }
      return out
    },
  }
}
