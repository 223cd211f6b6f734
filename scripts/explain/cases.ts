/**
 * Values with which the queries that people and rounds wait for are measured. An account's number is its rank: 0 takes
 * part in most facts of its chain, 9,000 in few; both hold a position.
 */
import type { SyntheticChain } from './fill'

export interface Case {
  query: string
  /** What is asked for, in a few words. */
  about: string
  values: readonly unknown[]
}

/** Accounts of one scoring round. */
const ROUND_ACCOUNTS = 200
/** Blocks of one scoring round of Ethereum and of a day. */
const [ROUND, DAY] = [25, 7200]

/** @param accounts ids of accounts of the chain, by rank */
export function measuredCases(
  { id, blocks }: SyntheticChain,
  other: SyntheticChain,
  accounts: readonly string[],
): Case[] {
  const [busy, quiet] = [accounts[0]!, accounts[9_000]!]
  const round = accounts.slice(0, ROUND_ACCOUNTS)
  const of = (query: string, about: string, ...values: unknown[]): Case => ({ query, about, values })
  return [
    of('api-account', 'an account', quiet, id),
    of('api-account-events', 'the busiest account', busy),
    of('api-account-events', 'a quiet account', quiet),
    of('api-account-positions', 'an account', quiet),
    of('api-scores', 'an account', quiet),
    of('api-score-history', 'an account', quiet, null, 200),
    of('api-position-health', 'first page of all chains', null, null, null, 50, 0),
    of('api-position-health', 'at risk on one chain', id, null, 1.1, 50, 0),
    of('api-position-health', 'of an account', null, quiet, null, 50, 0),
    of('api-health-buckets', 'all'),
    of('api-market-risk', 'one chain', id),
    of('api-market-risk', 'all chains', null),
    of('api-risk-history', '200 rounds', 200),
    of('api-alerts', 'newest', null, null, false, 50),
    of('api-alerts', 'of an account', null, accounts[17], true, 50),
    of('api-alerts', 'by id', [`${id}:alert:17`], null, true, 50),
    of('api-totals', 'all'),
    of('api-metrics', 'all'),
    of(
      'api-row-counts',
      'since a batch of each chain',
      [id, other.id],
      [blocks / 5 - 10, other.blocks / 5 - 10],
    ),
    of('api-chains', 'all'),
    of('api-oracle-feeds', 'all'),
    of('prices-line', 'prices of a round', id, blocks, 0, 1024),
    of('prices-line', 'prices of a day', id, blocks, blocks - DAY, 1024),
    of('features-account-activity', '200 busiest accounts', id, round, blocks, 10_000),
    of('features-account-activity', 'a quiet account', id, [quiet], blocks, 10_000),
    of('features-active-accounts', 'a round', id, blocks - ROUND, blocks),
    of('features-block-at', 'the head', id, blocks),
    of('features-coverage', 'the head', id, blocks - 1),
    of('features-markets-at', 'the head', id, blocks),
    of('features-positions-at', 'all accounts', id, blocks, null),
    of('features-positions-at', 'a round’s accounts', id, blocks, round),
    of('features-accounts-page', 'a page', id, blocks, '', 5_000),
    of(
      'features-block-hashes',
      '64 steps',
      id,
      Array.from({ length: 64 }, (_, n) => blocks - n * ROUND),
    ),
    of(
      'features-block-times',
      '64 samples',
      id,
      Array.from({ length: 64 }, (_, n) => blocks - n * ROUND),
    ),
    of('features-chains', 'all'),
    of('features-counterparties', 'a round’s accounts', ...[id, round, blocks, [], [], [], `${id}:0x`]),
    of('features-lending-events', 'a round’s accounts, a day', id, blocks - DAY, blocks, round),
    of('features-market-totals-at', 'the head', id, blocks),
    of('features-markets-of', 'two blocks', id, [blocks - DAY, blocks]),
    of('features-position-versions', 'a round’s accounts, a day', id, blocks - DAY, blocks, round),
    of('features-tokens', 'a round’s accounts', id, round, blocks, [], `${id}:0x`),
    of('features-touched', 'a round', id, blocks - ROUND, blocks),
    of('features-position-habits', 'all accounts', id, blocks, null),
    of('features-position-habits', 'a round’s accounts', id, blocks, round),
    of('scorer-spends', 'a round', id, blocks - ROUND - 1, blocks - 1),
    of('scorer-spends', 'a day', id, blocks - DAY, blocks),
    of('scorer-touches', 'a round', id, blocks - ROUND, blocks, round),
    of('scorer-touches', 'a day', id, blocks - DAY, blocks, round),
    of('scorer-flash-swaps', 'a day', id, blocks - DAY, blocks),
    of('scorer-market-switches', 'a round', id, blocks - ROUND, blocks),
    of(
      'alerts-existing',
      'fifty keys',
      id,
      Array.from({ length: 50 }, (_, n) => `key:${n * 7}`),
    ),
    of('alerts-restore', 'a reorg of fifty blocks', id, blocks - 50),
    of('status-oracle', 'all'),
    of('status', 'all'),
  ]
}
