/** Events by ABI text, and the rows that each must become: the second opinion's own knowledge of the protocols. */
import type { Hex } from 'viem'

export interface JsonLog {
  address: Hex
  topics: [Hex, ...Hex[]]
  data: Hex
  logIndex: Hex
  transactionHash: Hex
}

type Value = string | number | bigint | boolean | readonly bigint[] | undefined
export type Args = Record<string, Value>
/** Table, then the values that the table's own columns must hold, by column. */
type Row = [table: string, values: Record<string, string | null>]
export type Read = (
  args: Args,
  log: JsonLog,
  account: (address: Value) => string,
  underlying: (market: string) => string,
) => Row[]

const s = (value: unknown): string => String(value)
export const big = (value: Value): bigint => BigInt(s(value ?? 0))

function transfer(standard: string): Read {
  return (a, log, id) => {
    const parties = { asset_id: id(log.address), from_id: id(a.from), to_id: id(a.to), standard }
    const what =
      standard === 'erc721'
        ? { amount: '1', token_id: s(a.id) }
        : { amount: s(a.value), token_id: a.id === undefined ? null : s(a.id) }
    return [['token_transfer', { ...parties, ...what }]]
  }
}

function approval(standard: string): Read {
  return (a, log, id) => {
    const parties = { asset_id: id(log.address), owner_id: id(a.owner), spender_id: id(a.spender), standard }
    const amount = standard === 'erc20' ? s(a.value) : standard === 'all' ? (a.value ? '1' : '0') : '1'
    return [['token_approval', { ...parties, amount, token_id: standard === 'erc721' ? s(a.id) : null }]]
  }
}

function lending(protocol: string, kind: string): Read {
  return (a, log, id, underlying) => [
    [
      'lending_event',
      {
        protocol,
        kind,
        account_id: id(a.account),
        initiator_id: id(a.by ?? a.account),
        asset_id: id(a.asset ?? underlying(log.address)),
        amount: s(a.amount ?? '0'),
        collateral_asset_id: a.collateral === undefined ? null : id(a.collateral),
        collateral_amount: a.seized === undefined ? null : s(a.seized),
      },
    ],
  ]
}

function flash(protocol: string): Read {
  return (a, _, id) => [
    [
      'flash_loan',
      {
        protocol,
        initiator_id: id(a.initiator ?? a.receiver),
        receiver_id: id(a.receiver),
        asset_id: id(a.asset),
        amount: s(a.amount),
        premium: s(a.premium),
      },
    ],
  ]
}

const uniswapFlash: Read = (a, log, id) =>
  [0, 1]
    .filter((side) => big(a[`amount${side}`]) > 0n)
    .map((side) => [
      'flash_loan',
      {
        protocol: 'uniswap-v3',
        initiator_id: id(a.sender),
        receiver_id: id(a.recipient),
        asset_id: id(log.address),
        amount: s(a[`amount${side}`]),
        premium: s(a[`paid${side}`]),
      },
    ])

function admin(kind: string, actor?: string): Read {
  return (a, log, id) => [
    ['admin_action', { kind, target_id: id(log.address), actor_id: actor ? id(a[actor] ?? '') : null }],
  ]
}

const permit2: Read = (a, _, id) => [
  [
    'token_approval',
    {
      asset_id: id(a.token),
      owner_id: id(a.owner),
      spender_id: id(a.spender),
      amount: s(a.amount),
      token_id: null,
      standard: 'permit2',
    },
  ],
]

const WETH = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'
const NOBODY = `0x${'0'.repeat(40)}`

/** Of the wrapped coin alone: its deposits and withdrawals move its tokens without a Transfer. */
const wrapped: Read = (a, log, id, underlying) =>
  log.address.toLowerCase() === WETH
    ? transfer('erc20')(
        { ...a, from: a.src ?? NOBODY, to: a.dst ?? NOBODY, value: a.wad },
        log,
        id,
        underlying,
      )
    : []

export const ITEMS: [string, Read][] = [
  ['event Deposit(address indexed dst, uint256 wad)', wrapped],
  ['event Withdrawal(address indexed src, uint256 wad)', wrapped],
  ['event Transfer(address indexed from, address indexed to, uint256 value)', transfer('erc20')],
  ['event Transfer(address indexed from, address indexed to, uint256 indexed id)', transfer('erc721')],
  [
    'event TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value)',
    transfer('erc1155'),
  ],
  [
    'event TransferBatch(address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] values)',
    (a, log, id, underlying) =>
      (a.ids as readonly bigint[]).flatMap((item, i) =>
        transfer('erc1155')(
          { ...a, id: item, value: (a.values as readonly bigint[])[i] },
          log,
          id,
          underlying,
        ),
      ),
  ],
  ['event Approval(address indexed owner, address indexed spender, uint256 value)', approval('erc20')],
  ['event Approval(address indexed owner, address indexed spender, uint256 indexed id)', approval('erc721')],
  ['event ApprovalForAll(address indexed owner, address indexed spender, bool value)', approval('all')],
  [
    'event Swap(address indexed sender, uint256 in0, uint256 in1, uint256 out0, uint256 out1, address indexed to)',
    (a, log, id) => [
      [
        'swap',
        {
          protocol: 'uniswap-v2',
          pool_id: id(log.address),
          sender_id: id(a.sender),
          recipient_id: id(a.to),
          amount0: s(big(a.in0) - big(a.out0)),
          amount1: s(big(a.in1) - big(a.out1)),
          sqrt_price_x96: null,
          liquidity: null,
          tick: null,
        },
      ],
    ],
  ],
  [
    'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 price, uint128 liquidity, int24 tick)',
    (a, log, id) => [
      [
        'swap',
        {
          protocol: 'uniswap-v3',
          pool_id: id(log.address),
          sender_id: id(a.sender),
          recipient_id: id(a.recipient),
          amount0: s(a.amount0),
          amount1: s(a.amount1),
          sqrt_price_x96: s(a.price),
          liquidity: s(a.liquidity),
          tick: s(a.tick),
        },
      ],
    ],
  ],
  [
    'event Flash(address indexed sender, address indexed recipient, uint256 amount0, uint256 amount1, uint256 paid0, uint256 paid1)',
    uniswapFlash,
  ],
  [
    'event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)',
    (a, log, id) => [
      [
        'price_update',
        {
          source: 'chainlink',
          feed_id: id(log.address),
          answer: s(a.current),
          round_id: s(a.roundId),
          updated_at: new Date(Number(a.updatedAt) * 1000).toISOString(),
        },
      ],
    ],
  ],
  [
    'event Deposit(address indexed asset, address by, address indexed account, uint256 amount, uint16 indexed referral)',
    lending('aave-v2', 'supply'),
  ],
  [
    'event Borrow(address indexed asset, address by, address indexed account, uint256 amount, uint256 mode, uint256 rate, uint16 indexed referral)',
    lending('aave-v2', 'borrow'),
  ],
  [
    'event Repay(address indexed asset, address indexed account, address indexed by, uint256 amount)',
    lending('aave-v2', 'repay'),
  ],
  [
    'event Supply(address indexed asset, address by, address indexed account, uint256 amount, uint16 indexed referral)',
    lending('aave-v3', 'supply'),
  ],
  [
    'event Borrow(address indexed asset, address by, address indexed account, uint256 amount, uint8 mode, uint256 rate, uint16 indexed referral)',
    lending('aave-v3', 'borrow'),
  ],
  [
    'event Repay(address indexed asset, address indexed account, address indexed by, uint256 amount, bool useATokens)',
    lending('aave-v3', 'repay'),
  ],
  [
    'event Withdraw(address indexed asset, address indexed account, address indexed to, uint256 amount)',
    lending('aave', 'withdraw'),
  ],
  [
    'event LiquidationCall(address indexed collateral, address indexed asset, address indexed account, uint256 amount, uint256 seized, address by, bool receiveAToken)',
    lending('aave', 'liquidation'),
  ],
  [
    'event ReserveUsedAsCollateralEnabled(address indexed asset, address indexed account)',
    lending('aave', 'collateralOn'),
  ],
  [
    'event ReserveUsedAsCollateralDisabled(address indexed asset, address indexed account)',
    lending('aave', 'collateralOff'),
  ],
  ['event Mint(address account, uint256 amount, uint256 tokens)', lending('compound-v2', 'supply')],
  ['event Redeem(address account, uint256 amount, uint256 tokens)', lending('compound-v2', 'withdraw')],
  [
    'event Borrow(address account, uint256 amount, uint256 accountBorrows, uint256 totalBorrows)',
    lending('compound-v2', 'borrow'),
  ],
  [
    'event RepayBorrow(address by, address account, uint256 amount, uint256 accountBorrows, uint256 totalBorrows)',
    lending('compound-v2', 'repay'),
  ],
  [
    'event LiquidateBorrow(address by, address account, uint256 amount, address collateral, uint256 seized)',
    lending('compound-v2', 'liquidation'),
  ],
  [
    'event Supply(address indexed by, address indexed account, uint256 amount)',
    lending('compound-v3', 'supply'),
  ],
  [
    'event Withdraw(address indexed account, address indexed to, uint256 amount)',
    lending('compound-v3', 'withdraw'),
  ],
  [
    'event SupplyCollateral(address indexed by, address indexed account, address indexed asset, uint256 amount)',
    lending('compound-v3', 'supply'),
  ],
  [
    'event WithdrawCollateral(address indexed account, address indexed to, address indexed asset, uint256 amount)',
    lending('compound-v3', 'withdraw'),
  ],
  [
    'event FlashLoan(address indexed receiver, address indexed initiator, address indexed asset, uint256 amount, uint256 premium, uint16 referral)',
    flash('aave-v2'),
  ],
  [
    'event FlashLoan(address indexed receiver, address initiator, address indexed asset, uint256 amount, uint8 mode, uint256 premium, uint16 indexed referral)',
    flash('aave-v3'),
  ],
  [
    'event FlashLoan(address indexed receiver, address indexed asset, uint256 amount, uint256 premium)',
    flash('balancer-v2'),
  ],
  [
    'event FlashLoan(address indexed receiver, address asset, uint256 amount, uint256 premium)',
    flash('maker'),
  ],
  [
    'event OwnershipTransferred(address indexed before, address indexed next)',
    admin('ownershipTransferred', 'next'),
  ],
  ['event OwnershipTransferred(address before, address next)', admin('ownershipTransferred', 'next')],
  [
    'event OwnershipTransferStarted(address indexed before, address indexed next)',
    admin('ownershipTransferStarted', 'next'),
  ],
  [
    'event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)',
    admin('roleGranted', 'account'),
  ],
  [
    'event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)',
    admin('roleRevoked', 'account'),
  ],
  [
    'event RoleAdminChanged(bytes32 indexed role, bytes32 indexed before, bytes32 indexed next)',
    admin('roleAdminChanged'),
  ],
  ['event Upgraded(address indexed implementation)', admin('upgraded')],
  ['event BeaconUpgraded(address indexed beacon)', admin('beaconUpgraded')],
  ['event AdminChanged(address before, address next)', admin('adminChanged', 'next')],
  ['event Paused(address account)', admin('paused', 'account')],
  ['event Unpaused(address account)', admin('unpaused', 'account')],
  ['event Paused(address indexed account)', admin('paused', 'account')],
  ['event Unpaused(address indexed account)', admin('unpaused', 'account')],
  ['event Paused()', admin('paused')],
  ['event Unpaused()', admin('unpaused')],
  ['event Pause()', admin('paused')],
  ['event Unpause()', admin('unpaused')],
  [
    'event Approval(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration)',
    permit2,
  ],
  [
    'event Permit(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration, uint48 nonce)',
    permit2,
  ],
  [
    'event LockedERC20(address indexed depositor, address indexed depositReceiver, address indexed asset, uint256 amount)',
    (a, _, id) => [
      [
        'bridge_transfer',
        {
          bridge: 'polygon-pos',
          direction: 'out',
          account_id: id(a.depositor),
          asset_id: id(a.asset),
          amount: s(a.amount),
          remote_chain_id: '137',
        },
      ],
    ],
  ],
]
