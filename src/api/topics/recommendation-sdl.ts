/** GraphQL types of `parameterRecommendations`. */
export const RECOMMENDATION_SDL = /* GraphQL */ `
  "What borrowers do when parameters change: keep what they owe, or use the same part of what they may borrow."
  enum BorrowerBehaviour { unchanged relevered }

  type RecommendationInterval {
    low: Float!
    high: Float!
  }

  "Null where a market has none, or it is unknown. Caps in whole tokens."
  type RiskParameters {
    ltv: Float
    threshold: Float
    "At least 1."
    bonus: Float
    supplyCap: Float
    borrowCap: Float
  }

  "Kinked: base, slopes and optimal utilization. Adaptive: the rate at its fixed target. Rates are yearly."
  type RateCurveRow {
    kind: String!
    optimal: Float
    base: Float
    slope1: Float
    slope2: Float
    rateAtTarget: Float
  }

  "No other terms have more borrowing power and no more bad debt, but for the current and the recommended one."
  type FrontierPoint {
    ltv: Float!
    threshold: Float!
    bonus: Float!
    borrowingPowerUsd: Float!
    "Where borrowers use new room as they used the old: what the frontier is of."
    releveredBadDebtUsd: Float!
    unchangedBadDebtUsd: Float!
    isCurrent: Boolean!
    isRecommended: Boolean!
    isDominated: Boolean!
  }

  type ParameterChangeRow {
    parameter: String!
    from: Float
    to: Float!
    "What the first of the bundle's rounds sets."
    firstStep: Float!
  }

  type RecommendationCheck {
    name: String!
    passed: Boolean!
    detail: String!
  }

  type MarketEfficiency {
    borrowingPowerUsd: Float!
    expectedLiquidatedUsd: Float!
    "Debt that the change alone makes liquidatable."
    forcedUsd: Float!
    utilization: Float
    "Before reserve factors, at today's utilization; null where the curve is unknown."
    supplierRevenueUsdYear: Float
  }

  "Changes that are applied all at once or not at all."
  type ParameterBundle {
    id: String!
    changes: [ParameterChangeRow!]!
    reason: String!
    badDebtBeforeUsd: Float!
    badDebtAfterUsd: Float!
    "After, with borrowers who use all new room."
    badDebtReleveredUsd: Float!
    savedUsd: Float!
    savedIntervalUsd: RecommendationInterval!
    "With the market as full as its caps let it become; null where no cap changes."
    badDebtAtOldCapUsd: Float
    badDebtAtNewCapUsd: Float
    before: MarketEfficiency!
    after: MarketEfficiency!
    checks: [RecommendationCheck!]!
    "Rounds, each within the rails."
    rounds: Int!
  }

  "The terms of a bundle over days that have passed."
  type ShadowRunRow {
    days: Int!
    actualLiquidated: Int!
    recommendedLiquidated: Int!
    liquidatedMore: Int!
    liquidatedFewer: Int!
    avoidedBadDebtUsd: Float!
    summary: String!
  }

  type MarketRecommendationRow {
    marketId: String!
    symbol: String!
    protocol: String!
    poolId: String!
    "change | keep"
    verdict: String!
    reason: String!
    current: RiskParameters!
    currentCurve: RateCurveRow
    recommendedCurve: RateCurveRow
    curveReason: String!
    frontier: [FrontierPoint!]!
    bundle: ParameterBundle
    "Null without a bundle that changes what liquidations go by, and without days."
    shadow: ShadowRunRow
    "What could not be judged, and why."
    unknown: [String!]!
  }

  type ParameterRecommendations {
    asOf: [StressBlock!]!
    scenario: String!
    about: String!
    fittedFrom: String!
    scenarios: Int!
    seed: Int!
    behaviour: BorrowerBehaviour!
    positions: Int!
    evaluations: Int!
    "Smaller markets that were not judged."
    omittedMarkets: Int!
    markets: [MarketRecommendationRow!]!
    "With the terms of all bundles at once; null without any."
    togetherBeforeUsd: Float
    togetherAfterUsd: Float
    togetherSavedIntervalUsd: RecommendationInterval
    unpriced(limit: Int! = 100): [StressUnpriced!]!
    withheld: [StressWithheld!]!
  }
`
