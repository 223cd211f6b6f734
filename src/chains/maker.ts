/** Maker's contracts on Ethereum, as its chainlog names them. The ilks are those whose collateral is in the chain file. */
import type { Hex, WatchedContract } from './types'

/** Block of the vat's deployment; everything else came with it or later. */
const BORN = 8928152

const VAT: Hex = '0x35d1b3f3d7966a1dfe207aa4514c12a259a0492b'
const DAI: Hex = '0x6b175474e89094c44da98b954eedeac495271d0f'

const MODULES: readonly [role: string, label: string, address: Hex][] = [
  ['spotter', 'Maker spotter', '0x65c79fcb50ca1594b025960e539ed7a9a6d434a3'],
  ['jug', 'Maker jug', '0x19c0976f590d67707e62397c87829d896dc0f1f1'],
  ['dog', 'Maker dog', '0x135954d155898d42c90d2a57824c690e0c7bef1b'],
  ['cat', 'Maker cat', '0xa5679c04fc3d9d8b0aab1f0ab83555b301ca70ea'],
  ['cat', 'Maker cat of 2019', '0x78f2c2af65126834c51822f56be0d7469d7a523e'],
  ['cdpManager', 'Maker CDP manager', '0x5ef30b9986345249bc32d8928b7ee64de9435e39'],
]

const WETH: Hex = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'
const WBTC: Hex = '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599'
const USDC: Hex = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'
const WSTETH: Hex = '0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0'

const JOINS: readonly [ilk: string, gem: Hex, join: Hex][] = [
  ['ETH-A', WETH, '0x2f0b23f53734252bda2277357e97e1517d6b042a'],
  ['ETH-B', WETH, '0x08638ef1a205be6762a8b935f5da9b700cf7322c'],
  ['ETH-C', WETH, '0xf04a5cc80b1e94c69b48f5ee68a08cd2f09a7c3e'],
  ['WBTC-A', WBTC, '0xbf72da2bd84c5170618fbe5914b0eca9638d5eb5'],
  ['WBTC-B', WBTC, '0xfa8c996e158b80d77fbd0082bb437556a65b96e0'],
  ['WBTC-C', WBTC, '0x7f62f9592b823331e012d3c5ddf2a7714cfb9de2'],
  ['WSTETH-A', WSTETH, '0x10cd5fbe1b404b7e19ef964b63939907bdaf42e2'],
  ['WSTETH-B', WSTETH, '0x248ccbf4864221fc0e840f29bb042ad5bfc89b5c'],
  ['USDC-A', USDC, '0xa191e578a6736167326d05c119ce0c90849e84b7'],
  ['USDC-B', USDC, '0x2600004fd1585f7270756ddc88ad9cfa10dd0428'],
  ['PSM-USDC-A', USDC, '0x0a59649758aa4d66e25f08dd01271e891fe52199'],
  ['USDT-A', '0xdac17f958d2ee523a2206206994597c13d831ec7', '0x0ac6a1d74e84c2df9063bddc31699ff2a2bb22a2'],
  ['LINK-A', '0x514910771af9ca656af840dff83e8264ecf986ca', '0xdfccaf8fdbd2f4805c174f856a317765b49e4a50'],
  ['AAVE-A', '0x7fc66500c84a76ad7e9c93437bfc5ac33e2ddae9', '0x24e459f61ceaa7b1ce70dbaea938940a7c5ad46e'],
]

/** An ilk's bytes32: its name, padded with zeros. */
function ilkOf(name: string): Hex {
  return `0x${Buffer.from(name, 'latin1').toString('hex').padEnd(64, '0')}`
}

/** The vat, the modules around it, and the join of each ilk, which tells its collateral. */
export function makerContracts(): WatchedContract[] {
  const common = { protocol: 'maker', deployedAtBlock: BORN }
  return [
    { ...common, address: VAT, role: 'vat', label: 'Maker vat', links: { dai: DAI } },
    ...MODULES.map(([role, label, address]) => ({ ...common, address, role, label, links: { vat: VAT } })),
    ...JOINS.map(([name, gem, address]) => ({
      ...common,
      address,
      role: 'gemJoin',
      label: `Maker ${name} join`,
      links: { ilk: ilkOf(name), gem },
    })),
  ]
}
