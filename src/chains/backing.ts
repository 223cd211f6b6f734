/** What tokens promise, as chain files say it. Sources: the issuers' own documentation and the bridges' token lists. */
import type { Backing, Hex } from './types'

export const wrapped = (symbol: string): Backing => ({
  kind: 'wrapped',
  issuer: 'wrapped-native',
  on: `native:${symbol}`,
})

export const staked = (issuer: string): Backing => ({ kind: 'staked', issuer, on: 'native:ETH' })

/** Locked at the bridge's other end: a token of that chain, or its coin. */
export const bridged = (issuer: string, on: string): Backing => ({ kind: 'bridged', issuer, on })

export const custodied = (issuer: string, on: string): Backing => ({ kind: 'custodied', issuer, on })

/** Owed in dollars by a company. */
export const dollars = (issuer: string): Backing => ({ kind: 'reserves', issuer, on: 'offchain:USD' })

export const loansOf = (issuer: string): Backing => ({ kind: 'loans', issuer })

const onEthereum = (address: Hex): string => `1:${address}`

/** Tokens of Ethereum that other chains' tokens promise. */
export const ETHEREUM_TOKENS = {
  ETH: 'native:ETH',
  USDC: onEthereum('0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'),
  USDT: onEthereum('0xdac17f958d2ee523a2206206994597c13d831ec7'),
  DAI: onEthereum('0x6b175474e89094c44da98b954eedeac495271d0f'),
  WBTC: onEthereum('0x2260fac5e5542a773aa44fbcfedf7c193bc2c599'),
} as const
