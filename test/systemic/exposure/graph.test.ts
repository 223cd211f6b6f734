import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/math/statistics'
import { spreadOf } from '../../../src/systemic/exposure/concentration'
import { exposureGraph } from '../../../src/systemic/exposure/graph'
import type { ExposureInput, ExposureTotals } from '../../../src/systemic/exposure/types'
import { type Made, type MadeClaim, type MadeVenue, madeInput } from './made-input'

const graphOf = (made: Made, topAccounts = 10) => exposureGraph(madeInput(made), { topAccounts })
const behindOf = (made: Made) =>
  Object.fromEntries(graphOf(made).behind.map(({ symbol, usd }) => [symbol, usd]))

/** 100 USDC lent to Aave, of which 40 were borrowed; 60 of the receipts lie in Morpho, against which 30 USDC were lent. */
const reused: Made = {
  venues: [
    { id: 'aave', legs: { USDC: 100 }, borrowedUsd: 40 },
    { id: 'morpho:aUSDC', protocol: 'morpho', pool: 'morpho', legs: { aUSDC: 60 } },
    { id: 'morpho:USDC', protocol: 'morpho', pool: 'morpho', legs: { USDC: 50 }, borrowedUsd: 30 },
  ],
  claims: {
    aUSDC: { on: ['aave'], issuer: 'aave', atMostUsd: 100 },
    USDC: { on: ['dollars'], issuer: 'Circle', kind: 'reserves' },
  },
  holdings: [
    { accountId: 'ann', venue: 'aave', suppliedUsd: 100, borrowedUsd: 0 },
    { accountId: 'ben', venue: 'aave', suppliedUsd: 0, borrowedUsd: 40 },
    { accountId: 'ann', venue: 'morpho:aUSDC', suppliedUsd: 60, borrowedUsd: 0, collateralUsd: 60 },
    { accountId: 'ann', venue: 'morpho:USDC', suppliedUsd: 0, borrowedUsd: 30 },
    { accountId: 'cat', venue: 'morpho:USDC', suppliedUsd: 50, borrowedUsd: 0 },
  ],
}

describe('value locked and value redeemable', () => {
  it('takes out what was lent on and what is a promise of another venue', () => {
    const { totals, byProtocol } = graphOf(reused)
    expect(totals).toEqual({
      ...{
        valueLockedUsd: 210,
        lentUsd: 70,
        recountedUsd: 60,
        circularUsd: 0,
        redeemableUsd: 80,
        borrowedUsd: 70,
      },
    })
    expect(byProtocol.map(({ protocol, redeemableUsd }) => [protocol, redeemableUsd])).toEqual([
      ['morpho', 20],
      ['aave', 60],
    ])
    expect(behindOf(reused)).toEqual({ dollars: 80 })
  })

  it('counts a promise once where what it promises is not in the graph', () => {
    const made: Made = {
      venues: [{ id: 'aave', legs: { wstETH: 10 } }],
      claims: { wstETH: { on: ['ETH'], issuer: 'Lido', kind: 'staked' } },
    }
    expect(graphOf(made).totals).toMatchObject({ recountedUsd: 0, redeemableUsd: 10 })
    expect(behindOf(made)).toEqual({ ETH: 10 })
  })

  it('follows wrappers of receipts and shares of exchange pools', () => {
    const made: Made = {
      venues: [
        { id: 'pair', kind: 'exchange', legs: { ETH: 30, USDC: 30 } },
        { id: 'maker', legs: { LP: 20 } },
        { id: 'aave', legs: { USDC: 100 } },
        { id: 'other', legs: { wrappedReceipt: 25 } },
      ],
      claims: {
        LP: { on: ['pair'], issuer: 'uniswap', kind: 'lp', atMostUsd: 60 },
        receipt: { on: ['aave'], issuer: 'aave', atMostUsd: 100 },
        wrappedReceipt: { on: ['receipt'], issuer: 'wrapper', kind: 'wrapped' },
      },
    }
    expect(graphOf(made).totals).toMatchObject({ recountedUsd: 45, redeemableUsd: 160 })
    expect(behindOf(made)).toEqual({ USDC: 130, ETH: 30 })
  })

  it('lets nobody claim more than there is', () => {
    const made: Made = {
      venues: [
        { id: 'maker:ETH', protocol: 'maker', pool: 'ilk', legs: { ETH: 150 } },
        { id: 'maker:DAI', protocol: 'maker', pool: 'ilk', legs: { DAI: 0 }, borrowedUsd: 60 },
        { id: 'aave', legs: { DAI: 80 } },
      ],
      claims: { DAI: { on: ['maker:ETH'], issuer: 'maker', kind: 'loans', atMostUsd: 60 } },
    }
    const { totals } = graphOf(made)
    expect(totals).toMatchObject({ valueLockedUsd: 230, recountedUsd: 60, redeemableUsd: 170, lentUsd: 0 })
    expect(behindOf(made)).toEqual({ ETH: 150, DAI: 20 })
  })

  it('puts tokens that promise each other in a bucket of their own, wherever one begins', () => {
    const claims: Record<string, MadeClaim> = {
      a: { on: ['b'] },
      b: { on: ['c'] },
      c: { on: ['a', 'ETH'] },
      d: { on: ['a'] },
    }
    const made: Made = { venues: [{ id: 'v', legs: { d: 7, b: 5 } }], claims }
    const { totals, cycles } = graphOf(made)
    expect(cycles.map(({ assetIds }) => [...assetIds].sort())).toEqual([['a', 'b', 'c']])
    expect(totals).toMatchObject({ circularUsd: 5, recountedUsd: 0, redeemableUsd: 7 })
    const turned = Object.fromEntries(Object.entries(claims).reverse())
    expect(graphOf({ ...made, claims: turned }).totals).toEqual(totals)
  })

  it('finds a venue that holds its own receipts', () => {
    const made: Made = {
      venues: [{ id: 'v', legs: { r: 10 } }],
      claims: { r: { on: ['v'], issuer: 'v', atMostUsd: 10 } },
    }
    expect(graphOf(made).totals).toMatchObject({ circularUsd: 10, redeemableUsd: 0 })
  })
})

describe('what comes in', () => {
  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('is refused where an amount is %d', (usd) => {
    expect(() => graphOf({ venues: [{ id: 'v', legs: { ETH: usd } }] })).toThrow(/what v has of ETH/)
    const holdings = [{ accountId: 'ann', venue: 'v', suppliedUsd: usd, borrowedUsd: 0 }]
    expect(() => graphOf({ venues: [{ id: 'v', legs: { ETH: 1 } }], holdings })).toThrow(/an amount of ann/)
  })

  it('is refused where a claim does not sum to one', () => {
    const claims = { T: { on: ['ETH', 'USDC'], shares: [0.5, 0.4] } }
    expect(() => graphOf({ venues: [{ id: 'v', legs: { T: 1 } }], claims })).toThrow(/T promises sum to 0.9/)
  })

  it('may be nothing at all', () => {
    const { nodes, edges, totals, concentration } = graphOf({ venues: [] })
    expect([nodes, edges]).toEqual([[], []])
    expect(totals.valueLockedUsd).toBe(0)
    expect(concentration[0]?.borrowers).toEqual({ count: 0, hhi: 0, top1Share: 0, top10Share: 0 })
  })
})

describe('nodes and edges', () => {
  it('keep every dollar, however few accounts are told apart', () => {
    const supplied = (top: number) =>
      graphOf(reused, top)
        .edges.filter(({ kind }) => kind === 'supply')
        .reduce((sum, { usd }) => sum + usd, 0)
    for (const top of [0, 1, 3]) expect(supplied(top)).toBe(210)
    const { nodes } = graphOf(reused, 1)
    expect(nodes.filter(({ kind }) => kind === 'account').map(({ id }) => id)).toEqual(['ann', 'others:1'])
  })

  it('say which protocol lives on which', () => {
    const relies = graphOf(reused).edges.filter(
      ({ kind, from }) => kind === 'relies' && from.startsWith('protocol'),
    )
    expect(relies.map(({ from, to, usd }) => [from, to, usd])).toEqual([
      ['protocol:aave', 'issuer:Circle', 60],
      ['protocol:morpho', 'protocol:aave', 60],
      ['protocol:morpho', 'issuer:Circle', 20],
    ])
  })

  it('have centrality that sums to one and grows with what depends on a node', () => {
    const { nodes } = graphOf(reused)
    const single = nodes.filter(({ kind }) => kind !== 'protocol' && kind !== 'issuer')
    expect(single.reduce((sum, { centrality }) => sum + centrality, 0)).toBeCloseTo(1, 9)
    const of = (id: string) => nodes.find((node) => node.id === id)!.centrality
    expect(of('dollars')).toBeGreaterThan(of('aUSDC'))
  })
})

describe('DebtRank', () => {
  const rankOf = (made: Made, id: string) => graphOf(made).nodes.find((node) => node.id === id)!.debtRank

  it('is the wealth that goes with a node', () => {
    // Three holders of 60, 30 and 10; ETH is behind the first two.
    const made: Made = {
      venues: [
        { id: 'a', legs: { ETH: 60 } },
        { id: 'b', legs: { ETH: 30 } },
        { id: 'c', legs: { BTC: 10 } },
      ],
      holdings: [
        { accountId: 'ann', venue: 'a', suppliedUsd: 60, borrowedUsd: 0 },
        { accountId: 'ben', venue: 'b', suppliedUsd: 30, borrowedUsd: 0 },
        { accountId: 'cat', venue: 'c', suppliedUsd: 10, borrowedUsd: 0 },
      ],
    }
    expect(rankOf(made, 'ETH')).toBeCloseTo(0.9, 12)
    expect(rankOf(made, 'b')).toBeCloseTo(0.3, 12)
    expect(rankOf(made, 'ann')).toBe(0)
    expect(rankOf(made, 'protocol:c')).toBeCloseTo(0.1, 12)
  })

  it('passes from a borrower to whoever lent to it', () => {
    // Ben has 50 in b and owes 40 to a, where ann has 100 of which 60 are still there.
    const made: Made = {
      venues: [
        { id: 'a', legs: { USDC: 100 }, borrowedUsd: 40 },
        { id: 'b', legs: { ETH: 50 } },
      ],
      holdings: [
        { accountId: 'ann', venue: 'a', suppliedUsd: 100, borrowedUsd: 0 },
        { accountId: 'ben', venue: 'a', suppliedUsd: 0, borrowedUsd: 40 },
        { accountId: 'ben', venue: 'b', suppliedUsd: 50, borrowedUsd: 0 },
      ],
    }
    // Without ETH ben has nothing, a loses 40 of 100, and so ann 40 of the 110 that both are worth; ben his 10.
    expect(rankOf(made, 'ETH')).toBeCloseTo(50 / 110, 12)
  })
})

describe('concentration and overlap', () => {
  it('has the index of equal shares', () => {
    expect(spreadOf([5, 5, 5, 5])).toEqual({ count: 4, hhi: 0.25, top1Share: 0.25, top10Share: 1 })
    expect(spreadOf([0, 0])).toEqual({ count: 0, hhi: 0, top1Share: 0, top10Share: 0 })
  })

  it('looks through tokens for what pools share', () => {
    const venues: MadeVenue[] = [
      { id: 'a', legs: { WETH: 10 } },
      { id: 'b', legs: { wstETH: 30 } },
      { id: 'c', legs: { BTC: 9 } },
    ]
    const claims = { WETH: { on: ['ETH'] }, wstETH: { on: ['ETH'] } }
    const holdings = venues.map(({ id, legs }) => {
      const usd = Object.values(legs)[0]!
      return { accountId: 'ann', venue: id, suppliedUsd: usd, collateralUsd: usd, borrowedUsd: 0 }
    })
    expect(graphOf({ venues, claims, holdings }).overlaps).toEqual([
      { a: 'a', b: 'b', sharedUsd: 10, similarity: 1 },
    ])
  })
})

describe('whatever the graph', () => {
  const SEEDS = Array.from({ length: 60 }, (_, seed) => seed + 1)

  it.each(SEEDS)('value is conserved and the order of the input does not matter (seed %i)', (seed) => {
    const made = randomMade(seed)
    const graph = graphOf(made, 5)
    const { totals, behind, nodes } = graph
    const parts = totals.redeemableUsd + totals.lentUsd + totals.recountedUsd + totals.circularUsd
    expect(parts).toBeCloseTo(totals.valueLockedUsd, 6)
    expect(behind.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(totals.redeemableUsd, 6)
    for (const value of Object.values(totals)) expect(value).toBeGreaterThanOrEqual(0)
    for (const { debtRank } of nodes) {
      expect(debtRank).toBeGreaterThanOrEqual(0)
      expect(debtRank).toBeLessThanOrEqual(1)
    }
    const turned = graphOf(
      {
        venues: [...made.venues].reverse(),
        claims: Object.fromEntries(Object.entries(made.claims ?? {}).reverse()),
        holdings: [...(made.holdings ?? [])].reverse(),
      },
      5,
    )
    for (const key of Object.keys(totals) as (keyof ExposureTotals)[])
      expect(turned.totals[key]).toBeCloseTo(totals[key], 6)
    const rankOf = (of: typeof graph) => new Map(of.nodes.map(({ id, debtRank }) => [id, debtRank!]))
    for (const [id, rank] of rankOf(turned)) expect(rank).toBeCloseTo(rankOf(graph).get(id)!, 9)
  })

  it('is deterministic', () => {
    const input: ExposureInput = madeInput(randomMade(3))
    expect(exposureGraph(input, { topAccounts: 4 })).toEqual(exposureGraph(input, { topAccounts: 4 }))
  })
})

/** Venues whose tokens promise coins, other tokens or venues, circles now and then. */
function randomMade(seed: number): Made {
  const next = seededRandom(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!
  const coins = ['ETH', 'BTC', 'USD']
  const tokens = Array.from({ length: 6 }, (_, i) => `t${i}`)
  const venues = Array.from({ length: 8 }, (_, i): MadeVenue => {
    const legs: Record<string, number> = { [pick([...coins, ...tokens])]: next() * 100 }
    if (i % 4 === 3) return { id: `v${i}`, kind: 'exchange', legs: { ...legs, ETH: 10 } }
    const usd = Object.values(legs)[0]!
    return { id: `v${i}`, protocol: `p${i % 3}`, legs, borrowedUsd: next() < 0.5 ? 0 : usd * next() * 1.2 }
  })
  const claims = Object.fromEntries(
    tokens.map((token): [string, MadeClaim] => {
      const on = [...new Set([pick([...coins, ...tokens, ...venues.map(({ id }) => id)]), pick(coins)])]
      return [
        token,
        { on, issuer: pick(['p0', 'p1', 'bridge']), ...(next() < 0.5 && { atMostUsd: next() * 80 }) },
      ]
    }),
  )
  const holdings = venues
    .filter(({ kind }) => kind !== 'exchange')
    .flatMap(({ id, legs, borrowedUsd = 0 }) =>
      Array.from({ length: 4 }, (_, i) => {
        const suppliedUsd = Object.values(legs)[0]! / 4
        return { accountId: `a${(i * 3) % 7}`, venue: id, suppliedUsd, borrowedUsd: borrowedUsd / 4 }
      }),
    )
  return { venues, claims, holdings }
}
