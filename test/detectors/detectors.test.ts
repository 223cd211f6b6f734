import { describe, expect, it } from 'vitest'
import { LOCAL_SETUP_BLOCKS } from '../../src/chains/local-world'
import { DETECTORS } from '../../src/detectors/registry'
import type { AlertCandidate, FactsView, RoundView, ScoreView } from '../../src/detectors/types'
import {
  CHAIN_ID,
  facts,
  hashOf,
  liquidationFact,
  POOL,
  price,
  ref,
  round,
  standing,
  USDC,
  WETH,
  who,
} from './view'

const score = (value: number, modelName = 'liquidation'): ScoreView => ({
  value,
  modelName,
  modelVersion: '1.0.0',
  modelSha256: 'ab',
  reasons: [],
})

function onFacts(name: string, view: FactsView): AlertCandidate[] {
  const detector = DETECTORS[name]
  if (detector?.on !== 'facts') throw new Error(`${name} judges no facts`)
  return detector.detect(view)
}

function onRound(name: string, view: RoundView): AlertCandidate[] {
  const detector = DETECTORS[name]
  if (detector?.on !== 'round') throw new Error(`${name} judges no rounds`)
  return detector.detect(view)
}

describe('liquidation-risk', () => {
  const alertIds = (over: Parameters<typeof standing>[0]) =>
    onRound('liquidation-risk', round([standing(over)])).map((found) => [found.alertId, found.severity])

  it('is silent about positions without debt, with dust, and about healthy ones', () => {
    expect(alertIds({ healthFactor: null, debtUsd: 0 })).toEqual([])
    expect(alertIds({ healthFactor: 0.9, debtUsd: 9.99 })).toEqual([])
    expect(alertIds({ healthFactor: 1.05 })).toEqual([])
    expect(alertIds({ healthFactor: 0, collateralUsd: 0 })).toEqual([])
    expect(alertIds({ healthFactor: 1.5, score: score(0.49) })).toEqual([])
  })

  it('tells what can be liquidated now from what is close and from what is likely', () => {
    expect(alertIds({ healthFactor: 0.999 })).toEqual([['LIQUIDATION-RISK-NOW', 'high']])
    expect(alertIds({ healthFactor: 0.999, debtUsd: 1_000_000 })).toEqual([
      ['LIQUIDATION-RISK-NOW', 'critical'],
    ])
    expect(alertIds({ healthFactor: 1 })).toEqual([['LIQUIDATION-RISK-NEAR', 'medium']])
    expect(alertIds({ healthFactor: 1.5, score: score(0.5) })).toEqual([['LIQUIDATION-RISK-LIKELY', 'low']])
  })

  it('keeps one key while the variant changes', () => {
    const keys = [0.9, 1.04].map(
      (healthFactor) => onRound('liquidation-risk', round([standing({ healthFactor })]))[0]?.uniqueKey,
    )
    expect(keys[0]).toBe(keys[1])
  })
})

describe('bad-debt', () => {
  it('finds uncovered debt above dust and puts the uncovered part at risk', () => {
    expect(onRound('bad-debt', round([standing({ badDebtUsd: 0.99 })]))).toEqual([])
    const [found] = onRound('bad-debt', round([standing({ badDebtUsd: 12_000 })]))
    const [doubted] = onRound('bad-debt', round([standing({ badDebtUsd: 12_000, priceConfidence: 0.5 })]))
    const doubt = { feature: 'priceConfidence', value: 0.5, contribution: null }
    expect(doubted?.reasons).toEqual([...(found?.reasons ?? []), doubt])
    expect(found).toMatchObject({ severity: 'high', usdAtRisk: 12_000, height: 100, blockHash: hashOf(100) })
  })
})

describe('illicit-account', () => {
  const touch = { protocol: 'aave-v3', marketId: null, txHash: hashOf(1), height: 99 }
  it('needs both a high score and a listed protocol', () => {
    const view = (value: number, touches: (typeof touch)[]) =>
      round([], [{ accountId: who(5), score: score(value, 'illicit'), touches }])
    expect(onRound('illicit-account', view(0.96, []))).toEqual([])
    expect(onRound('illicit-account', view(0.94, [touch]))).toEqual([])
    expect(onRound('illicit-account', view(0.95, [touch]))).toMatchObject([
      { accountId: who(5), probability: 0.95, type: 'suspicious', protocol: 'aave-v3' },
    ])
  })
})

describe('illicit-account and novelty', () => {
  const touch = { protocol: 'aave-v3', marketId: null, txHash: hashOf(1), height: 99 }
  const found = (value: number, novelty: number | null) =>
    onRound(
      'illicit-account',
      round(
        [],
        [
          {
            accountId: who(5),
            score: score(value, 'illicit'),
            novelty: novelty === null ? null : score(novelty, 'novelty'),
            touches: [touch],
          },
        ],
      ),
    )

  it('an unusual account is no suspect for that', () => {
    expect(found(0.94, 1)).toEqual([])
  })

  it('novelty raises severity, weighs confidence, and leaves the probability alone', () => {
    const [usual, unusual, unknown] = [found(0.96, 0)[0]!, found(0.96, 1)[0]!, found(0.96, null)[0]!]
    expect([usual, unusual, unknown].map((one) => one.severity)).toEqual(['medium', 'high', 'medium'])
    expect(usual.labels[0]!.confidence).toBeCloseTo(0.72, 12)
    expect(unusual.labels[0]!.confidence).toBe(0.96)
    expect(unknown.labels[0]!.confidence).toBe(0.96)
    expect([usual, unusual, unknown].map((one) => one.probability)).toEqual([0.96, 0.96, 0.96])
    expect(unusual.reasons.at(-1)).toEqual({ feature: 'novelty', value: 1, contribution: null })
    expect(unknown.reasons).toEqual([])
  })

  it('rests on exact reasons where the model can give them, and asks for them only when it alerts', () => {
    const exact = { feature: 'spanMin', value: 3, contribution: 1.5, method: 'treeshap' }
    let asked = 0
    const evidence = () => {
      asked++
      return [exact]
    }
    const judged = (value: number) =>
      onRound(
        'illicit-account',
        round([], [{ accountId: who(5), score: { ...score(value, 'illicit'), evidence }, touches: [touch] }]),
      )
    expect(judged(0.5)).toEqual([])
    expect(asked).toBe(0)
    expect(judged(0.97)[0]!.reasons).toEqual([exact])
    expect(asked).toBe(1)
  })

  it('the edge of the most unusual twentieth counts', () => {
    expect(found(0.96, 0.95)[0]!.severity).toBe('high')
    expect(found(0.96, 0.9499)[0]!.severity).toBe('medium')
  })
})

describe('liquidation', () => {
  it('values what was seized at the prices of its block', () => {
    const prices = [price(WETH, 1, 2_000), price(USDC, 1, 1), price(WETH, 60, 1_000)]
    const found = onFacts(
      'liquidation',
      facts({ liquidations: [liquidationFact(50), liquidationFact(60)], prices }),
    )
    expect(found.map((one) => one.usdAtRisk)).toEqual([1_000, 500])
    expect(found[0]).toMatchObject({
      severity: 'low',
      protocol: 'aave-v3',
      txHash: hashOf(50, 255),
      logIndex: 4,
    })
    expect(found[0]!.uniqueKey).toBe(found[1]!.uniqueKey)
  })

  it('leaves the value open without a price or with unknown decimals', () => {
    const view = facts({ liquidations: [liquidationFact(50)] })
    expect(onFacts('liquidation', view)[0]).toMatchObject({ usdAtRisk: null, severity: 'low' })
    const unknown = facts({
      liquidations: [liquidationFact(50, { collateralAssetId: 'x' })],
      prices: [price('x', 1, 5)],
    })
    expect(onFacts('liquidation', unknown)[0]?.usdAtRisk).toBeNull()
  })
})

describe('price-shock', () => {
  const shocks = (...points: [number, number][]) =>
    onFacts('price-shock', facts({ prices: points.map(([height, usd]) => price(WETH, height, usd)) }))

  it('finds moves of 10 % and more, down and up, and no smaller ones', () => {
    expect(shocks([1, 2_000], [20, 1_801])).toEqual([])
    expect(shocks([1, 2_000], [20, 1_800])).toMatchObject([
      { alertId: 'PRICE-SHOCK-FELL', severity: 'medium', height: 20, accountId: WETH },
    ])
    expect(shocks([1, 2_000], [20, 2_800])).toMatchObject([
      { alertId: 'PRICE-SHOCK-ROSE', severity: 'critical' },
    ])
  })

  it('adds up small steps within ten minutes and forgets what is older', () => {
    expect(shocks([1, 2_000], [20, 1_900], [40, 1_790]).map((found) => found.height)).toEqual([40])
    const slow = facts({ prices: [price(WETH, 1, 2_000), price(WETH, 300, 1_900), price(WETH, 950, 1_750)] })
    expect(onFacts('price-shock', slow)).toEqual([])
  })

  it('judges only blocks of its range, with prices from before it', () => {
    const prices = [price(WETH, 90, 2_000), price(WETH, 110, 1_500)]
    expect(onFacts('price-shock', facts({ prices }, 100, 120))).toHaveLength(1)
    expect(onFacts('price-shock', facts({ prices }, 110, 120))).toHaveLength(0)
  })

  it('never compares with a price of zero or below', () => {
    expect(shocks([1, 0], [20, 1_500], [30, -3], [40, 1_500])).toEqual([])
  })
})

describe('admin-takeover', () => {
  const action = (kind: string, height: number, over: object = {}) => ({
    ...ref(height),
    kind,
    targetId: `${CHAIN_ID}:${POOL}`,
    actorId: who(66),
    detail: { newOwner: who(66).split(':')[1]! },
    ...over,
  })
  const found = (...adminActions: ReturnType<typeof action>[]) =>
    onFacts('admin-takeover', facts({ adminActions }))

  it('finds changes of control on listed contracts', () => {
    expect(found(action('upgraded', 50))).toMatchObject([
      { alertId: 'ADMIN-UPGRADED', severity: 'high', stage: 'preparation', protocol: 'aave-v3' },
    ])
    expect(found(action('paused', 50))).toMatchObject([{ severity: 'medium', type: 'degraded', stage: null }])
  })

  it('is silent while the protocol is set up, about first owners, unlisted contracts and harmless kinds', () => {
    expect(found(action('roleGranted', LOCAL_SETUP_BLOCKS))).toEqual([])
    expect(found(action('roleGranted', LOCAL_SETUP_BLOCKS + 1))).toHaveLength(1)
    const first = { detail: { previousOwner: `0x${'0'.repeat(40)}` } }
    expect(found(action('ownershipTransferred', 50, first))).toEqual([])
    expect(found(action('upgraded', 50, { targetId: who(4) }))).toEqual([])
    expect(found(action('roleRevoked', 50), action('unpaused', 50))).toEqual([])
  })
})

describe('market-paused', () => {
  it('tells a pause from a freeze', () => {
    const fact = (what: 'paused' | 'frozen') => ({
      marketId: `${CHAIN_ID}:${POOL}:weth`,
      protocol: 'aave-v3',
      pool: POOL,
      assetId: WETH,
      what,
      height: 50,
      blockHash: hashOf(50),
      timestampSec: 50,
    })
    const found = onFacts('market-paused', facts({ marketSwitches: [fact('paused'), fact('frozen')] }))
    expect(found).toMatchObject([
      { alertId: 'MARKET-PAUSED', severity: 'high', affectedMarkets: [`${CHAIN_ID}:${POOL}:weth`] },
      { alertId: 'MARKET-FROZEN', severity: 'medium' },
    ])
    expect(found[0]!.description).toContain('WETH')
  })
})

describe('flash-loan', () => {
  const loan = (usd: number) => ({
    ...ref(50, 1),
    protocol: 'aave-v3',
    initiatorId: who(7),
    receiverId: who(8),
    assetId: USDC,
    amount: BigInt(usd) * 1_000_000n,
  })
  const swapAt = (amount0: bigint, amount1: bigint, logIndex: number) => ({
    ...ref(50, logIndex),
    protocol: 'uniswap-v2',
    poolId: who(20),
    recipientId: who(8),
    amount0,
    amount1,
  })
  const prices = [price(USDC, 1, 1)]

  it('notes a large one and ignores a small one', () => {
    expect(onFacts('flash-loan', facts({ flashLoans: [loan(99_999)], prices }))).toEqual([])
    expect(onFacts('flash-loan', facts({ flashLoans: [loan(100_000)], prices }))).toMatchObject([
      { alertId: 'FLASH-LOAN-LARGE', severity: 'info', type: 'info', stage: null },
    ])
  })

  it('is grave about a price that moves between two swaps of the transaction', () => {
    const calm = [swapAt(100n, -200n, 2), swapAt(-100n, 206n, 3)]
    const violent = [swapAt(100n, -200n, 2), swapAt(-100n, 220n, 3)]
    const severity = (swaps: typeof calm) =>
      onFacts('flash-loan', facts({ flashLoans: [loan(200_000)], swaps, prices }))[0]?.severity
    expect(severity(calm)).toBe('info')
    expect(severity(violent)).toBe('high')
  })

  it('is suspicious about a liquidation in the same transaction, not in another', () => {
    const same = liquidationFact(50)
    const other = liquidationFact(50, { txHash: hashOf(51, 255) })
    const alertId = (fact: typeof same) =>
      onFacts('flash-loan', facts({ flashLoans: [loan(200_000)], liquidations: [fact], prices }))[0]?.alertId
    expect(alertId(same)).toBe('FLASH-LOAN-ATTACK-PATTERN')
    expect(alertId(other)).toBe('FLASH-LOAN-LARGE')
  })
})

describe('approval-drain', () => {
  const spend = (owner: number, height: number, over: object = {}) => ({
    ...ref(height, owner),
    assetId: USDC,
    ownerId: who(owner),
    toId: who(90),
    amount: 5_000_000n,
    senderId: who(66),
    ...over,
  })
  const drains = (...spends: ReturnType<typeof spend>[]) =>
    onFacts('approval-drain', facts({ spends, prices: [price(USDC, 1, 1)] }))

  it('needs three owners within a hundred blocks', () => {
    expect(drains(spend(1, 10), spend(2, 11), spend(2, 12))).toEqual([])
    expect(drains(spend(1, 10), spend(2, 11), spend(3, 110))).toEqual([])
    expect(drains(spend(1, 10), spend(2, 11), spend(3, 109))).toMatchObject([
      { accountId: who(66), severity: 'high', type: 'exploit', usdAtRisk: 15, height: 109 },
    ])
  })

  it('does not mistake a listed contract for a thief', () => {
    const toPool = { toId: `${CHAIN_ID}:${POOL}` }
    expect(drains(spend(1, 10, toPool), spend(2, 11, toPool), spend(3, 12, toPool))).toEqual([])
  })
})
