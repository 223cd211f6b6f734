/** What the publisher and the signers read from RiskOracle: all of it at one block, so that it fits together. */
import type { Address, Hex } from 'viem'
import type { ChainClient } from '../chains/client'
import { riskOracleAbi } from './abi'
import type { FeedRails, FeedState } from './policy'

/** One feed as the contract has it. Addresses are lower-case. */
export interface ChainFeed {
  feedId: Hex
  groupId: Hex
  subjectChainId: bigint
  subject: Hex
  metric: string
  allowed: boolean
  proxy: Hex
  rails: FeedRails
  last: FeedState
}

/** The contract at one block. `nowSec` is that block's time. */
export interface OracleView {
  height: bigint
  nowSec: bigint
  paused: boolean
  quorum: bigint
  signers: readonly Address[]
  feeds: readonly ChainFeed[]
}

const NO_ROUND: FeedState = { round: 0n, value: 0n, observedAt: 0n, updatedAt: 0n }

/** Reads the contract at the head of its chain. Three calls a feed; over http they travel in batches. */
export async function readOracle(client: ChainClient, contract: Address): Promise<OracleView> {
  const head = await client.getBlock({ blockTag: 'latest' })
  const at = { address: contract, abi: riskOracleAbi, blockNumber: head.number } as const
  const [paused, quorum, signers, feedIds] = await Promise.all([
    client.readContract({ ...at, functionName: 'paused' }),
    client.readContract({ ...at, functionName: 'quorum' }),
    client.readContract({ ...at, functionName: 'signers' }),
    client.readContract({ ...at, functionName: 'feedIds' }),
  ])
  const feeds = await Promise.all(feedIds.map((feedId) => readFeed(client, contract, feedId, head.number)))
  return { height: head.number, nowSec: head.timestamp, paused, quorum, signers, feeds }
}

async function readFeed(
  client: ChainClient,
  contract: Address,
  feedId: Hex,
  blockNumber: bigint,
): Promise<ChainFeed> {
  const at = { address: contract, abi: riskOracleAbi, blockNumber } as const
  const [feed, round] = await Promise.all([
    client.readContract({ ...at, functionName: 'getFeed', args: [feedId] }),
    client.readContract({ ...at, functionName: 'latestRound', args: [feedId] }),
  ])
  let last = NO_ROUND
  if (round > 0n) {
    const applied = await client.readContract({ ...at, functionName: 'getRound', args: [feedId, round] })
    last = { round, value: applied.value, observedAt: applied.observedAt, updatedAt: applied.updatedAt }
  }
  return {
    feedId,
    groupId: feed.groupId,
    subjectChainId: feed.subjectChainId,
    subject: feed.subject.toLowerCase() as Hex,
    metric: feed.metric,
    allowed: feed.allowed,
    proxy: feed.proxy.toLowerCase() as Hex,
    rails: feed.rails,
    last,
  }
}
