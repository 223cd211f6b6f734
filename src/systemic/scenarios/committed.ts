/**
 * What scenarios take where no history is given: each factor's volatility a day and how it moves with ether, from daily
 * closes of April 2021 to December 2023 (ARB from March 2023, LDO and OP from mid-2022; scripts/replay-windows.ts reads the
 * same files). A factor that is not listed gets the middle of those that are. Stablecoins move by USDC's volatility in its
 * ordinary days and with nothing.
 */

export interface FactorMoves {
  /** Of a day's log return. */
  sigma: number
  /** Of daily log returns with ether's, −1 … 1. */
  withEth: number
}

export const COMMITTED_MOVES: Readonly<Record<string, FactorMoves>> = {
  ETH: { sigma: 0.0412, withEth: 1 },
  BTC: { sigma: 0.0318, withEth: 0.843 },
  AAVE: { sigma: 0.0577, withEth: 0.799 },
  ARB: { sigma: 0.0432, withEth: 0.734 },
  CRV: { sigma: 0.0666, withEth: 0.731 },
  LDO: { sigma: 0.0695, withEth: 0.694 },
  LINK: { sigma: 0.0522, withEth: 0.785 },
  MATIC: { sigma: 0.0631, withEth: 0.753 },
  MKR: { sigma: 0.0528, withEth: 0.723 },
  OP: { sigma: 0.0697, withEth: 0.685 },
  SNX: { sigma: 0.0653, withEth: 0.69 },
  UNI: { sigma: 0.0538, withEth: 0.788 },
}

export const OTHER_MOVES: FactorMoves = { sigma: 0.0604, withEth: 0.733 }
export const STABLE_MOVES: FactorMoves = { sigma: 0.0013, withEth: 0 }

/** Degrees of freedom of Student-t days: daily crypto returns have tails of about this index. */
export const STUDENT_T_DEGREES = 4

/** Where a stablecoin goes that loses its peg, unless the name says: near USDC's low of March 2023. */
export const DEPEG_PRICE = 0.88

/** Part of a stablecoin's fall that another shares, by families: how they fell with USDC in March 2023, roughly. */
export const LEANS_ON: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  USDC: { DAI: 0.8, FRAX: 0.9, USDS: 0.5 },
  USDT: {},
  DAI: { USDS: 1 },
}
