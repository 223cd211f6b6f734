/** What a mined block did, read from its receipts: failures, liquidations, and the accounts left with bad debt. */
import { type Address, decodeEventLog, type Hex, numberToHex, parseAbi, toEventSelector } from 'viem'
import { LOCAL_WORLD } from '../src/chains/local-world'
import type { WorldClient } from './client'

export type Liquidation = {
  borrower: Address
  collateralAsset: Address
  debtAsset: Address
  debtCovered: bigint
  collateralTaken: bigint
  receiveAToken: boolean
}
export type BlockOutcome = { transactions: number; reverted: number; liquidations: Liquidation[] }

type RawReceipt = { status: Hex; logs: { address: Address; topics: [Hex, ...Hex[]]; data: Hex }[] }

const LIQUIDATION_ABI = parseAbi([
  'event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)',
])
const LIQUIDATION_TOPIC = toEventSelector(LIQUIDATION_ABI[0])

/** Reads one block's receipts. Throws when the block does not exist. */
export async function readOutcome(client: WorldClient, height: bigint): Promise<BlockOutcome> {
  const request = client.request as (call: {
    method: string
    params: unknown[]
  }) => Promise<RawReceipt[] | null>
  const receipts = await request({ method: 'eth_getBlockReceipts', params: [numberToHex(height)] })
  if (receipts === null) throw new Error(`block ${height} has no receipts`)
  const logs = receipts.flatMap((receipt) => receipt.logs)
  return {
    transactions: receipts.length,
    reverted: receipts.filter(({ status }) => status !== '0x1').length,
    liquidations: logs.filter(isLiquidation).map(({ topics, data }) => {
      const { args } = decodeEventLog({ abi: LIQUIDATION_ABI, topics, data })
      return {
        borrower: args.user,
        collateralAsset: args.collateralAsset,
        debtAsset: args.debtAsset,
        debtCovered: args.debtToCover,
        collateralTaken: args.liquidatedCollateralAmount,
        receiveAToken: args.receiveAToken,
      }
    }),
  }
}

function isLiquidation({ address, topics }: RawReceipt['logs'][number]): boolean {
  return address.toLowerCase() === LOCAL_WORLD.aave.pool && topics[0] === LIQUIDATION_TOPIC
}
