/**
 * Canonical bridges: the contracts at each end. Addresses: the chains' published lists. Bridges keep no state of ours, so the
 * block of deployment does not matter.
 */
import type { Hex, WatchedContract } from './types'

const [ETHEREUM, OP_MAINNET, BASE, POLYGON, ARBITRUM] = [1, 10, 8453, 137, 42161]

function entry(
  protocol: string,
  [address, role, label]: readonly [address: Hex, role: string, label: string],
  remoteChainId: number | undefined,
  links?: WatchedContract['links'],
): WatchedContract {
  const remote = remoteChainId === undefined ? {} : { remoteChainId }
  return { address, protocol, role, label, deployedAtBlock: 0, ...remote, ...(links && { links }) }
}

/** Ethereum's ends of the bridges to Arbitrum, OP Mainnet, Base and Polygon. */
export const ETHEREUM_BRIDGES: readonly WatchedContract[] = [
  ...(
    [
      ['0x4dbd4fc535ac27206064b68ffcf827b0a60bab3f', 'inbox', 'Arbitrum inbox'],
      ['0x8315177ab297ba92a06054ce80a67ed4dbd7ed3a', 'bridge', 'Arbitrum bridge'],
      ['0xa3a7b6f88361f48403514059f1f16c8e78d60eec', 'l1Gateway', 'Arbitrum ERC-20 gateway'],
      ['0xcee284f754e854890e311e3280b767f80797180d', 'l1Gateway', 'Arbitrum custom gateway'],
      ['0xd92023e9d9911199a6711321d1277285e6d4e2db', 'l1Gateway', 'Arbitrum WETH gateway'],
      ['0xd3b5b60020504bc3489d6949d545893982ba3011', 'l1Gateway', 'Arbitrum DAI gateway'],
    ] as const
  ).map((at) => entry('bridge-arbitrum', at, ARBITRUM)),
  entry(
    'bridge-op-stack',
    ['0x99c9fc46f92e8a1c0dec1b1747d010903e884be1', 'l1StandardBridge', 'OP Mainnet standard bridge'],
    OP_MAINNET,
  ),
  entry(
    'bridge-op-stack',
    ['0x3154cf16ccdb4c6d922629664174b904d80f2c35', 'l1StandardBridge', 'Base standard bridge'],
    BASE,
  ),
  ...(
    [
      ['0x40ec5b33f54e0e8a33a975908c5ba1c14e5bbbdf', 'predicate', 'Polygon ERC-20 predicate'],
      ['0x8484ef722627bf18ca5ae6bcf031c23e6e922b30', 'predicate', 'Polygon ether predicate'],
      ['0x9923263fa127b3d1484cfd649df8f1831c2a74e4', 'predicate', 'Polygon mintable ERC-20 predicate'],
    ] as const
  ).map((at) => entry('bridge-polygon-pos', at, POLYGON)),
]

/** The standard bridge on every OP Stack chain. */
export const OP_STACK_BRIDGE: WatchedContract = entry(
  'bridge-op-stack',
  ['0x4200000000000000000000000000000000000010', 'l2StandardBridge', 'Standard bridge'],
  ETHEREUM,
)

/** Arbitrum One's ends. Tokens that gateways were given rather than made are listed by their address on Ethereum. */
export const ARBITRUM_BRIDGES: readonly WatchedContract[] = [
  entry('bridge-arbitrum', ['0x0000000000000000000000000000000000000064', 'arbSys', 'ArbSys'], ETHEREUM),
  entry(
    'bridge-arbitrum',
    ['0x09e9222e96e7b4ae2a407b98d48e330053351eee', 'l2Gateway', 'ERC-20 gateway'],
    ETHEREUM,
    { beaconProxyFactory: '0x3fe38087a94903a9d946fa1915e1772fe611000f' },
  ),
  entry(
    'bridge-arbitrum',
    ['0x096760f208390250649e3e8763348e783aef5562', 'l2Gateway', 'Custom gateway'],
    ETHEREUM,
    {
      '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48': '0xff970a61a04b1ca14834a43f5de4533ebddb5cc8',
      '0xdac17f958d2ee523a2206206994597c13d831ec7': '0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9',
    },
  ),
  entry(
    'bridge-arbitrum',
    ['0x6c411ad3e74de3e7bd422b94a27770f5b86c623b', 'l2Gateway', 'WETH gateway'],
    ETHEREUM,
    { '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2': '0x82af49447d8a07e3bd95bd0d56f35241523fbab1' },
  ),
  entry(
    'bridge-arbitrum',
    ['0x467194771dae2967aef3ecbedd3bf9a310c76c65', 'l2Gateway', 'DAI gateway'],
    ETHEREUM,
    { '0x6b175474e89094c44da98b954eedeac495271d0f': '0xda10009cbd5d07dd0cecc66161fc93d7c9000da1' },
  ),
]
