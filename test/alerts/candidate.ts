/** A candidate for tests of alerts: a liquidation of low severity in one block, unless told otherwise. */
import type { AlertCandidate } from '../../src/detectors/types'
import { GENESIS_SEC, hashOf, who } from '../detectors/view'

export function candidate(height: number, over: Partial<AlertCandidate> = {}): AlertCandidate {
  return {
    detector: 'liquidation',
    alertId: 'LIQUIDATION',
    name: 'Liquidation',
    description: `at ${height}`,
    severity: 'low',
    type: 'info',
    stage: null,
    protocol: 'aave-v3',
    accountId: who(1),
    addresses: [who(1)],
    labels: [],
    uniqueKey: 'liquidation:a',
    height,
    blockHash: hashOf(height),
    blockTimestampSec: GENESIS_SEC + height,
    txHash: null,
    logIndex: 0,
    probability: null,
    reasons: [],
    modelSha256: null,
    usdAtRisk: null,
    affectedMarkets: [],
    cooldownSec: 100,
    quietSec: 0,
    ...over,
  }
}
