/** Every detector, a line each. Add a file and a line; test/detectors/registry.test.ts holds the room's contract. */
import { adminTakeover } from './admin-takeover'
import { approvalDrain } from './approval-drain'
import { badDebt } from './bad-debt'
import { flashLoan } from './flash-loan'
import { illicitAccount } from './illicit-account'
import { liquidation } from './liquidation'
import { liquidationRisk } from './liquidation-risk'
import { marketPaused } from './market-paused'
import { priceShock } from './price-shock'
import { systemicRisk } from './systemic-risk'
import type { Detector } from './types'

export const DETECTORS: Readonly<Record<string, Detector>> = {
  'admin-takeover': adminTakeover,
  'approval-drain': approvalDrain,
  'bad-debt': badDebt,
  'flash-loan': flashLoan,
  'illicit-account': illicitAccount,
  liquidation,
  'liquidation-risk': liquidationRisk,
  'market-paused': marketPaused,
  'price-shock': priceShock,
  'systemic-risk': systemicRisk,
}
