import { describe, expect, it } from 'vitest'
import { ethereum } from '../../../src/chains/ethereum'
import type { MarketState } from '../../../src/protocols/types'
import type { BookInput } from '../../../src/systemic/book-of'
import { createAssets } from '../../../src/systemic/exposure/assets-of'
import { exposureGraph } from '../../../src/systemic/exposure/graph'
import type { ExposureHolding, ExposureVenue } from '../../../src/systemic/exposure/types'

const TOKENS = new Map(ethereum.tokens.map(({ symbol, address }) => [symbol, address]))
const [WETH, USDC, DAI] = [TOKENS.get('WETH')!, TOKENS.get('USDC')!, TOKENS.get('DAI')!]
const A_USDC = '0x98c23e9d8f34fefb1b7bd6a91b7ff122f4e16f5c'
const VAULT = '0xbeef01735c132ada46aa9aa4c54623caa92a64cb'

interface Market {
  id: string
  protocol: string
  token: string
  usd: number
  borrowedUsd?: number
  pool?: string
  state?: MarketState['state']
}

/** The graph over Ethereum of lending markets and what accounts have in them. */
function graphOf(
  markets: readonly Market[],
  holdings: readonly (Partial<ExposureHolding> & { accountId: string })[],
) {
  const assets = createAssets()
  const input = { positions: { at: { chainId: 1 } }, chain: ethereum, symbols: new Map() }
  assets.addChain(input as unknown as BookInput)
  const venues = markets.map(({ id, protocol, token, usd, borrowedUsd = 0, pool = id }): ExposureVenue => {
    const legs = [{ asset: assets.at(1, token), usd }]
    return { ...{ id, label: id, chainId: 1, protocol, pool, kind: 'lending', borrowedUsd }, legs }
  })
  const rows = markets.map(({ id, protocol, token, state = {} }) => ({
    row: { id, protocol, pool: id, asset: token, state } as unknown as MarketState,
    chainId: 1,
  }))
  const all = holdings.map((one): ExposureHolding => {
    return { ...{ venue: 0, suppliedUsd: 0, collateralUsd: 0, borrowedUsd: 0 }, ...one }
  })
  const rest = { asOf: {}, unpriced: [], withheld: [], unusedPools: [] }
  const claimed = assets.withClaims({ venues, rows, holdings: all })
  return exposureGraph({ ...rest, venues, holdings: all, assets: claimed }, { topAccounts: 10 })
}

const behindOf = (graph: ReturnType<typeof graphOf>) =>
  Object.fromEntries(graph.behind.map(({ assetId, usd }) => [assetId, Number(usd.toFixed(9))]))
const claimsOf = ({ edges }: ReturnType<typeof graphOf>) =>
  edges.filter(({ kind }) => kind === 'claim').map(({ from, to, detail, usd }) => [from, to, detail, usd])

describe('what tokens promise', () => {
  it('comes from the chain files: wrapped coins, company dollars', () => {
    const graph = graphOf(
      [
        { id: 'a', protocol: 'aave-v3', token: WETH, usd: 5 },
        { id: 'b', protocol: 'aave-v3', token: USDC, usd: 7 },
      ],
      [],
    )
    expect(behindOf(graph)).toEqual({ 'offchain:USD': 7, 'native:ETH': 5 })
    expect(claimsOf(graph)).toEqual([
      [`1:${USDC}`, 'offchain:USD', 'reserves', 7],
      [`1:${WETH}`, 'native:ETH', 'wrapped', 5],
    ])
  })

  it('comes from a market that names its receipt', () => {
    const graph = graphOf(
      [
        { id: 'aave', protocol: 'aave-v3', token: USDC, usd: 100, state: { aToken: A_USDC } },
        { id: 'morpho', protocol: 'morpho-blue', token: A_USDC, usd: 60 },
      ],
      [],
    )
    expect(graph.totals).toMatchObject({ recountedUsd: 60, redeemableUsd: 100 })
    expect(claimsOf(graph)).toContainEqual([`1:${A_USDC}`, 'aave', 'receipt', 60])
  })

  it('comes from what a vault has lent, and from no more', () => {
    const graph = graphOf(
      [
        { id: 'morpho', protocol: 'morpho-blue', token: USDC, usd: 100 },
        { id: 'other', protocol: 'aave-v3', token: VAULT, usd: 50 },
      ],
      [
        { accountId: `1:${VAULT}`, venue: 0, suppliedUsd: 40 },
        { accountId: '1:0xabc', venue: 0, suppliedUsd: 60 },
      ],
    )
    expect(claimsOf(graph)).toContainEqual([`1:${VAULT}`, 'morpho', 'vault', 40])
    expect(graph.totals).toMatchObject({ recountedUsd: 40, redeemableUsd: 110 })
    expect(behindOf(graph)).toEqual({ 'offchain:USD': 100, [`1:${VAULT}`]: 10 })
  })

  it('is for DAI what Maker’s borrowers pledged, as far as they owe', () => {
    const graph = graphOf(
      [
        { id: 'ilk:WETH', protocol: 'maker', pool: 'ilk', token: WETH, usd: 300 },
        { id: 'ilk:DAI', protocol: 'maker', pool: 'ilk', token: DAI, usd: 0, borrowedUsd: 90 },
        { id: 'aave', protocol: 'aave-v3', token: DAI, usd: 100 },
      ],
      [{ accountId: '1:0xabc', venue: 0, suppliedUsd: 300 }],
    )
    expect(claimsOf(graph)).toContainEqual([`1:${DAI}`, 'ilk:WETH', 'loans', 90])
    expect(graph.totals).toMatchObject({ valueLockedUsd: 400, recountedUsd: 90, redeemableUsd: 310 })
    expect(behindOf(graph)).toEqual({ 'native:ETH': 300, [`1:${DAI}`]: 10 })
  })
})
