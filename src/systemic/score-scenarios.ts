/**
 * The fixed scenarios behind systemic scores. They are judgements, not probabilities that anyone measured: an ordinary bad
 * day, what March 2020, May 2021 and November 2022 did to prices, and losses of one family alone. They never change under
 * one version of the score, so that a score means the same on every chain and day.
 */

/**
 * Families by symbol, the first that fits: what falls together in these scenarios. They are the score's own, beside the finer
 * classes of scenarios/asset-classes.ts, because a score's hash covers them and those may grow with every token.
 */
const FAMILIES = [
  // Before stablecoins, so that a token with both in its name counts as the one that can fall further.
  { family: 'stakedEther', symbols: /^(wst|st|r|cb|we|ez|rs|os|m|sw|ank|x|pz|a)ETH$/i },
  { family: 'ether', symbols: /ETH/i },
  { family: 'bitcoin', symbols: /BTC/i },
  { family: 'stable', symbols: /USD|^(s?DAI|FRAX|GHO|MIM|DOLA|EUR[CSTeA]?)$/i },
] as const

export type Family = (typeof FAMILIES)[number]['family'] | 'other'

export interface ScoreScenario {
  /** Also the name of the feature that holds the loss in it. */
  name: string
  description: string
  /** Part in the expectation; all of them add up to 1. */
  weight: number
  /** Price after over price before, by family; 1 where left out. */
  multipliers: Readonly<Partial<Record<Family, number>>>
  /** Prices fall for collateral alone, debts keep theirs: a depeg hurts whoever lent against the token. */
  isCollateralOnly?: true
}

const all = (multiplier: number) => ({
  ...{ ether: multiplier, stakedEther: multiplier, bitcoin: multiplier, other: multiplier },
})

export const SCORE_SCENARIOS: readonly ScoreScenario[] = [
  { name: 'market20', description: 'all but stablecoins lose 20 %', weight: 0.35, multipliers: all(0.8) },
  { name: 'market40', description: 'all but stablecoins lose 40 %', weight: 0.15, multipliers: all(0.6) },
  { name: 'market60', description: 'all but stablecoins lose 60 %', weight: 0.05, multipliers: all(0.4) },
  {
    ...{ name: 'ether30', description: 'ether and staked ether lose 30 %', weight: 0.15 },
    multipliers: { ether: 0.7, stakedEther: 0.7 },
  },
  { name: 'bitcoin30', description: 'bitcoin loses 30 %', weight: 0.1, multipliers: { bitcoin: 0.7 } },
  {
    ...{ name: 'stakedEther10', description: 'staked ether loses 10 % against ether', weight: 0.1 },
    multipliers: { stakedEther: 0.9 },
  },
  {
    ...{ name: 'stable10', description: 'stablecoins that are collateral lose 10 %', weight: 0.1 },
    multipliers: { stable: 0.9 },
    isCollateralOnly: true,
  },
]

/** Everything above as text: what the score's hash is taken over. */
export function scenarioText(): string {
  const families = FAMILIES.map(({ family, symbols }) => [family, symbols.source, symbols.flags])
  return JSON.stringify([SCORE_SCENARIOS, families])
}

/** A symbol is a chain's word and may lie: it decides what a token falls with, never what it is worth. */
export function familyOf(symbol: string): Family {
  return FAMILIES.find(({ symbols }) => symbols.test(symbol))?.family ?? 'other'
}
