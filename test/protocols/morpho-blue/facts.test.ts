/** Facts of Morpho's events: whose position, who acted, which token, and whom we believe. */
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { ALICE, BOB, CAROL, eventLog, factsUnder } from '../../support/event-logs'
import { log, STRANGER } from '../../support/logs'

const ethereum = CHAINS.ethereum!
const listing = (role: string) =>
  ethereum.contracts.find((entry) => entry.protocol === 'morpho-blue' && entry.role === role)!.address
const [morpho, irm] = [listing('morpho'), listing('adaptiveCurveIrm')]
const token = (symbol: string): Hex => ethereum.tokens.find((entry) => entry.symbol === symbol)!.address
const [usdc, weth] = [token('USDC'), token('WETH')]
const id: Hex = `0x${'1d'.repeat(32)}`
const created = log(
  morpho,
  'CreateMarket(bytes32,(address,address,address,address,uint256))',
  [id],
  [usdc, weth, CAROL, irm, 860_000_000_000_000_000n],
)
const incoming = (name: string) =>
  `event ${name}(bytes32 indexed id, address indexed caller, address indexed onBehalf, uint256 assets, uint256 shares)`
const outgoing = (name: string) =>
  `event ${name}(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets, uint256 shares)`
const moved = { id, caller: BOB, onBehalf: ALICE, receiver: CAROL, assets: 5n, shares: 5_000_000n }
const LIQUIDATE =
  'event Liquidate(bytes32 indexed id, address indexed caller, address indexed borrower, uint256 repaidAssets, uint256 repaidShares, uint256 seizedAssets, uint256 badDebtAssets, uint256 badDebtShares)'

describe('lending', () => {
  it('names the position’s owner, who acted, and the token', () => {
    const facts = factsUnder(
      ethereum,
      created,
      eventLog(morpho, incoming('Supply'), moved),
      eventLog(morpho, outgoing('Withdraw'), moved),
      eventLog(
        morpho,
        'event SupplyCollateral(bytes32 indexed id, address indexed caller, address indexed onBehalf, uint256 assets)',
        moved,
      ),
      eventLog(morpho, outgoing('Borrow'), moved),
      eventLog(morpho, incoming('Repay'), moved),
      eventLog(
        morpho,
        'event WithdrawCollateral(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets)',
        moved,
      ),
    )
    const common = {
      protocol: 'morpho-blue',
      pool: id,
      account: ALICE,
      initiator: BOB,
      amount: 5n,
      verified: true,
    }
    expect(facts).toMatchObject([
      { ...common, kind: 'supply', asset: usdc },
      { ...common, kind: 'withdraw', asset: usdc },
      { ...common, kind: 'supply', asset: weth },
      { ...common, kind: 'borrow', asset: usdc },
      { ...common, kind: 'repay', asset: usdc },
      { ...common, kind: 'withdraw', asset: weth },
    ])
  })

  it('tells a liquidation once, with what was repaid and what was seized', () => {
    const args = { id, caller: BOB, borrower: ALICE, repaidAssets: 9n, repaidShares: 9n, seizedAssets: 7n }
    const bad = { badDebtAssets: 1n, badDebtShares: 1n }
    const effect = { kind: 'liquidation', account: ALICE, initiator: BOB, amount: 9n, collateralAmount: 7n }
    expect(factsUnder(ethereum, created, eventLog(morpho, LIQUIDATE, { ...args, ...bad }))).toMatchObject([
      { ...effect, asset: usdc, collateralAsset: weth, pool: id, verified: true },
    ])
    expect(factsUnder(ethereum, eventLog(STRANGER, LIQUIDATE, { ...args, ...bad }))).toMatchObject([
      { ...effect, asset: STRANGER, collateralAsset: null, pool: null, verified: false },
    ])
  })
})

describe('Morpho itself', () => {
  it('lends for a moment, free of charge', () => {
    const event = 'event FlashLoan(address indexed caller, address indexed token, uint256 assets)'
    const loan = { table: 'flash_loan', protocol: 'morpho-blue', initiator: BOB, receiver: BOB, asset: usdc }
    const args = { caller: BOB, token: usdc, assets: 5n }
    expect(
      factsUnder(ethereum, eventLog(morpho, event, args), eventLog(STRANGER, event, args)),
    ).toMatchObject([
      { ...loan, amount: 5n, premium: 0n, verified: true },
      { ...loan, verified: false },
    ])
  })

  it('has an owner, whose acts and whose successor are on record, and rights that accounts give', () => {
    const authorization = (newIsAuthorized: boolean) =>
      eventLog(
        morpho,
        'event SetAuthorization(address indexed caller, address indexed authorizer, address indexed authorized, bool newIsAuthorized)',
        { caller: ALICE, authorizer: ALICE, authorized: BOB, newIsAuthorized },
      )
    const facts = factsUnder(
      ethereum,
      created,
      log(morpho, 'SetOwner(address)', [BOB], []),
      log(morpho, 'SetFeeRecipient(address)', [CAROL], []),
      log(morpho, 'EnableIrm(address)', [irm], []),
      log(morpho, 'EnableLltv(uint256)', [], [5n]),
      log(morpho, 'SetFee(bytes32,uint256)', [id], [7n]),
      authorization(true),
      authorization(false),
    )
    expect(
      facts.map((fact) => fact.table === 'admin_action' && [fact.kind, fact.actor, fact.verified]),
    ).toEqual([
      ['ownershipTransferred', BOB, true],
      ['feeRecipientSet', CAROL, true],
      ['rateModelEnabled', null, true],
      ['lltvEnabled', null, true],
      ['marketFeeSet', null, true],
      ['authorizationGranted', BOB, true],
      ['authorizationRevoked', BOB, true],
    ])
  })
})
