/** The page's GraphQL documents. Fields are listed once, in fragments, and match types.ts. */

const alertFields = `id name description severity type status detector alertId chainId protocol height blockHash txHash
  occurrences probability precision usdAtRisk reasons blockTimestamp detectedAt retractedAt finality stage addresses`
const alertRow = `${alertFields} address`
const scoreRow = `id modelName modelVersion modelSha256 featureHash value height blockHash timestamp
  reasons { feature value contribution } reasonsMethod`
const healthRow = `accountId address chainId pool protocol height timestamp healthFactor collateralUsd debtUsd badDebtUsd
  ltv liquidationThreshold liquidationPrices { assetId symbol price liquidationPrice }`
const chainStatus = 'chainId name headHeight headTimestamp finalizedHeight lagSec rows coverageComplete'

export const overviewQuery = `query Overview($limit: Int!, $points: Int!) {
  overview(limit: $limit) {
    asOf
    chains { ${chainStatus} }
    totals { positions atRisk liquidatable debtUsd debtAtRiskUsd badDebtUsd openAlerts scores }
    riskiest { ${healthRow} score { ${scoreRow} } }
    alerts { ${alertRow} }
    oracle { feed subject symbol subjectChainId metric round value updatedAt txHash status stale }
    healthBuckets { label lower upper positions debtUsd }
    riskHistory(points: $points) { time height chainId meanScore atRiskDebtUsd }
  }
}`

export const positionsQuery = `query Positions($chainId: Int, $maxHealthFactor: Float, $limit: Int!, $offset: Int!) {
  positionHealth(chainId: $chainId, maxHealthFactor: $maxHealthFactor, limit: $limit, offset: $offset) {
    total
    rows { ${healthRow} score { ${scoreRow} } }
  }
}`

export const accountQuery = `query Account($chainId: Int!, $address: String!) {
  accountRisk(chainId: $chainId, address: $address) {
    accountId address chainId firstSeen complete incompleteReason
    health { ${healthRow} }
    scores { ${scoreRow} }
    positions { marketId symbol supplied borrowed decimals suppliedUsd borrowedUsd collateralEnabled }
    alerts { ${alertRow} }
    recentEvents { kind role timestamp txHash counterparty assetId amount }
  }
}`

export const scoreHistoryQuery = `query ScoreHistory($chainId: Int!, $address: String!, $model: String!, $points: Int!) {
  accountRisk(chainId: $chainId, address: $address) {
    scoreHistory(model: $model, points: $points) { height timestamp value }
  }
}`

export const alertsQuery = `query Alerts($where: AlertWhereInput, $limit: Int!, $offset: Int!) {
  alerts(where: $where, orderBy: [detectedAt_DESC, id_ASC], limit: $limit, offset: $offset) {
    ${alertFields} account { address }
  }
  alertsConnection(where: $where, orderBy: [id_ASC], first: 0) { totalCount }
}`

export const alertSubscription = `subscription Alerts { alerts { ${alertRow} } }`

export const systemicRiskQuery = `query SystemicRisk {
  systemicRisk {
    positions debtUsd presentBadDebtUsd
    scenarios {
      scenario expectedUnhealthy
      total { expectedBadDebtUsd expectedLiquidatedUsd }
      byMarket(limit: 10) { id label expectedBadDebtUsd expectedLiquidatedUsd }
    }
    unpriced(limit: 20) { symbol }
    exposure { valueLockedUsd redeemableUsd }
    important(limit: 5) { id kind label debtRank }
  }
}`
