/**
 * Present interest curves by market, as far as indexed state says them: Aave's from the strategy of v3.1 on, Morpho's rate
 * at target once its model has announced one. Others are not there, which is not the same as having none.
 */
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { RateCurve } from '../systemic/recommend/types'
import type { MarketRow } from './position-read'

const YEAR_SEC = 31_536_000
const BPS = 1e4

export async function readCurves(
  tx: PoolClient,
  { chainId, height }: { chainId: number; height: number },
): Promise<Map<string, RateCurve>> {
  const { rows } = await tx.query<MarketRow>(sql('features-markets-at'), [chainId, height])
  const curves = new Map<string, RateCurve>()
  for (const { id, state } of rows) {
    const curve = curveOf(state as Record<string, unknown>)
    if (curve !== undefined) curves.set(id, curve)
  }
  return curves
}

/** The curve that a market's stored state says; undefined where it says none. */
export function curveOf(state: Record<string, unknown>): RateCurve | undefined {
  const { optimalUsageBps, baseRateBps, slope1Bps, slope2Bps, rateAtTargetWad } = state
  const words = [optimalUsageBps, baseRateBps, slope1Bps, slope2Bps]
  if (words.every((word): word is number => typeof word === 'number')) {
    const [optimal, base, slope1, slope2] = words.map((word) => word / BPS) as [
      number,
      number,
      number,
      number,
    ]
    return optimal > 0 && optimal < 1 ? { kind: 'kinked', optimal, base, slope1, slope2 } : undefined
  }
  if (typeof rateAtTargetWad !== 'string' || !/^[1-9]\d*$/.test(rateAtTargetWad)) return undefined
  return { kind: 'adaptive', rateAtTarget: (Number(rateAtTargetWad) / 1e18) * YEAR_SEC }
}
