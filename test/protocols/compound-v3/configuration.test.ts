/** A comet’s configuration: what its configurator announces, and when it comes into force. */
import { describe, expect, it } from 'vitest'
import { log, STRANGER } from '../../support/logs'
import {
  ASSETS,
  assetWords,
  baseId,
  birth,
  COMET,
  CONFIGURATOR,
  CURVES,
  configured,
  createFold,
  ethereum,
  FEED,
  IMPLEMENTATION,
  poolId,
  START_SEC,
  USDC,
  upgrade,
  WAD,
  WBTC,
  WETH,
} from './comet-world'

/** A comet as its configuration made it. */
function world() {
  const { state, fold } = createFold()
  fold(...birth())
  return { state, fold }
}

describe('a configuration', () => {
  it('comes into force when the comet’s proxy is upgraded to what was deployed from it', () => {
    const { state, fold } = world()
    expect(state.market(baseId)!.state).toMatchObject({
      configured: true,
      priceFeed: FEED[USDC],
      decimals: 6,
      borrowKink: String(CURVES.borrow.kink),
      supplyPerYearSlopeHigh: String(CURVES.supply.high),
    })
    const weth = () => state.market(`${poolId}:${WETH}`)!.state
    expect(weth()).toMatchObject({ configured: true, decimals: 18, priceFeed: FEED[WETH] })
    const before = weth().liquidateCollateralFactor
    fold(
      configured(
        'UpdateAssetLiquidateCollateralFactor(address,address,uint64,uint64)',
        [WETH],
        [0n, WAD / 2n],
      ),
      configured('UpdateAssetPriceFeed(address,address,address,address)', [WBTC], [STRANGER, STRANGER]),
      configured('SetBorrowKink(address,uint64,uint64)', [], [0n, WAD / 4n]),
      configured('SetBaseTokenPriceFeed(address,address,address)', [STRANGER, STRANGER], []),
    )
    expect(weth().liquidateCollateralFactor).toBe(before)
    fold(...upgrade(`0x${'2b'.repeat(20)}`))
    expect(weth().liquidateCollateralFactor).toBe(String(WAD / 2n))
    expect(state.market(`${poolId}:${WBTC}`)!.state.priceFeed).toBe(STRANGER)
    expect(state.market(baseId)!.state).toMatchObject({ borrowKink: String(WAD / 4n), priceFeed: STRANGER })
    fold(...upgrade(IMPLEMENTATION, START_SEC, false))
    expect(weth().liquidateCollateralFactor).toBe(before)
  })

  it('gains and replaces collateral', () => {
    const { state, fold } = world()
    const added = { ...ASSETS[1]!, asset: ethereum.tokens.find(({ symbol }) => symbol === 'LINK')!.address }
    const words = assetWords({ ...added, decimals: 18 }).map((value, i) => (i === 1 ? STRANGER : value))
    const tuple = '(address,address,uint8,uint64,uint64,uint64,uint128)'
    const replaced = assetWords({ ...ASSETS[0]!, liquidationFactor: WAD / 2n })
    fold(
      configured(`AddAsset(address,${tuple})`, [], words),
      configured(`UpdateAsset(address,${tuple},${tuple})`, [], [...assetWords(ASSETS[0]!), ...replaced]),
      ...upgrade(`0x${'2b'.repeat(20)}`),
    )
    expect(state.market(`${poolId}:${added.asset}`)!.state).toMatchObject({
      configured: true,
      decimals: 18,
      priceFeed: STRANGER,
    })
    expect(state.market(`${poolId}:${WETH}`)!.state.liquidationFactor).toBe(String(WAD / 2n))
  })

  it('of another configurator, or about another comet, changes nothing', () => {
    const { state, fold } = world()
    const before = structuredClone([...state.markets])
    fold(
      log(STRANGER, 'SetBorrowKink(address,uint64,uint64)', [COMET], [0n, 1n]),
      log(CONFIGURATOR, 'SetBorrowKink(address,uint64,uint64)', [STRANGER], [0n, 1n]),
    )
    expect([...state.markets]).toEqual(before)
  })

  it('keeps which actions are paused', () => {
    const { state, fold } = world()
    fold(log(COMET, 'PauseAction(bool,bool,bool,bool,bool)', [], [true, false, true, false, false]))
    expect(state.market(poolId)!.state).toMatchObject({
      'paused:supply': true,
      'paused:transfer': false,
      'paused:withdraw': true,
    })
  })
})
