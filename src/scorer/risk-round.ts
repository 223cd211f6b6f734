/** A scoring round in one small row: what a chart of risk over time is drawn from. Pure. */
import { baseToFloat } from '../features/position'
import type { Round } from './round'

/** Health factors below this are at risk, 1e18 = 1. */
const AT_RISK_BELOW_WAD = 1_100_000_000_000_000_000n

/** A row of `risk_round` as jsonb_populate_record takes it. */
export interface RiskRoundRow {
  id: string
  chain_id: number
  /** Of the newest stored block when the round was due, whose state it is. */
  height: number
  /** Height at which the round was due. */
  round_height: number
  block_hash: string
  timestamp: string
  /** Mean liquidation score of the positions that have one; null when none has. */
  mean_score: number | null
  at_risk_debt_usd: number
  debt_usd: number
  bad_debt_usd: number
  /** With debt. */
  positions: number
  at_risk_positions: number
}

/** Sums up a round over the complete positions. Money is added in integers, so the order of positions does not matter. */
export function riskRoundRow({ at, positions: { positions } }: Round, roundHeight: number): RiskRoundRow {
  const owing = positions.filter(({ standing }) => standing.healthFactorWad !== null)
  const atRisk = owing.filter(({ standing }) => standing.healthFactorWad! < AT_RISK_BELOW_WAD)
  const scores = owing.flatMap(({ score }) => (score === null ? [] : [score.value]))
  const sumUsd = (list: typeof owing, part: 'totalDebtBase' | 'badDebtBase'): number =>
    baseToFloat(list.reduce((sum, { standing }) => sum + standing.data[part], 0n))
  return {
    id: `${at.chainId}:${at.height}:${at.hash.slice(0, 10)}`,
    chain_id: at.chainId,
    height: at.height,
    round_height: roundHeight,
    block_hash: at.hash,
    timestamp: new Date(at.timestampSec * 1000).toISOString(),
    mean_score: scores.length === 0 ? null : scores.reduce((sum, value) => sum + value, 0) / scores.length,
    at_risk_debt_usd: sumUsd(atRisk, 'totalDebtBase'),
    debt_usd: sumUsd(owing, 'totalDebtBase'),
    bad_debt_usd: sumUsd(owing, 'badDebtBase'),
    positions: owing.length,
    at_risk_positions: atRisk.length,
  }
}
