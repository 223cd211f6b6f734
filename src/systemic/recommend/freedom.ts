/**
 * What the protocols let anybody change about a market, so that nothing is recommended that its contracts cannot do.
 *
 *   Aave V2, V3    LTV, threshold and bonus of a reserve, its caps (V3) and its curve
 *   Compound III   borrow and liquidate collateral factors, liquidation factor, supply cap of an asset
 *   Compound V2    one collateral factor, which is LTV and threshold at once; the incentive is the comptroller's
 *   Maker          the liquidation ratio, LTV and threshold at once; the auction decides what takers get
 *   Morpho Blue    nothing: a market's LLTV is fixed, and the bonus follows from it; other terms are another market
 */
import { morphoTerms } from '../rules/terms'
import type { Terms } from './parameters'

export interface Freedom {
  /** Does the LTV stand apart from the threshold? */
  hasOwnLtv: boolean
  bonus: 'own' | 'fixed' | ((threshold: number) => number)
  hasCaps: boolean
  /** False where the recommendation is for a market to be made beside this one. */
  canChange: boolean
}

const OWN: Freedom = { hasOwnLtv: true, bonus: 'own', hasCaps: true, canChange: true }
const ONE_FACTOR: Freedom = { hasOwnLtv: false, bonus: 'fixed', hasCaps: true, canChange: true }

function morphoBonus(threshold: number): number {
  return morphoTerms(BigInt(Math.round(threshold * 1e9)) * 10n ** 9n).bonus
}

const FREEDOMS: Readonly<Record<string, Freedom>> = {
  'aave-v2': { ...OWN, hasCaps: false },
  'compound-v2': ONE_FACTOR,
  maker: ONE_FACTOR,
  'morpho-blue': { hasOwnLtv: false, bonus: morphoBonus, hasCaps: false, canChange: false },
}

/** A protocol's; one that is not named here is taken to be as free as Aave V3. */
export function freedomOf(protocol: string): Freedom {
  return FREEDOMS[protocol] ?? OWN
}

/** Terms brought to what the protocol ties together. */
export function tied(terms: Terms, { hasOwnLtv, bonus }: Freedom): Terms {
  return {
    threshold: terms.threshold,
    ltv: hasOwnLtv ? terms.ltv : terms.threshold,
    bonus: typeof bonus === 'function' ? bonus(terms.threshold) : terms.bonus,
  }
}
