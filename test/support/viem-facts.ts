/** The facts a log should become, by viem's decoding of the events' published ABI: a second opinion for tests. */
import { type AbiEvent, decodeEventLog, parseAbi, toEventSelector } from 'viem'
import type { Hex } from '../../src/chains/types'
import type { Fact, RawLog } from '../../src/protocols/types'

type Args = Record<string, unknown>
type Expectation = readonly [table: Fact['table'], fields: (args: Args, log: RawLog) => object, event: string]

const standard = (args: Args) =>
  'tokenId' in args
    ? { standard: 'erc721', amount: 1n, tokenId: args.tokenId }
    : { amount: args.value, tokenId: null }

const allowance = (a: Args, log: RawLog) => ({
  owner: a.owner,
  asset: a.token,
  spender: a.spender,
  standard: 'permit2',
  tokenId: null,
  // An allowance that has ended is none; an end of zero means this block.
  amount: a.expiration !== 0 && (a.expiration as number) < log.block.timestampSec ? 0n : a.amount,
})

const bridged = (bridge: string, direction: string, account: string, asset?: string) => (a: Args) => ({
  bridge,
  direction,
  account: a[account],
  asset: asset === undefined ? `0x${'ee'.repeat(20)}` : a[asset],
  amount: a.amount,
})

const EXPECTED: readonly Expectation[] = [
  [
    'token_transfer',
    (a) => ({ from: a.from, to: a.to, ...standard(a) }),
    'event Transfer(address indexed from, address indexed to, uint256 value)',
  ],
  [
    'token_transfer',
    (a) => ({ from: a.from, to: a.to, ...standard(a) }),
    'event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)',
  ],
  [
    'token_transfer',
    (a) => ({ from: a.from, to: a.to, amount: a.value, tokenId: a.id, standard: 'erc1155' }),
    'event TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value)',
  ],
  [
    'token_approval',
    (a) => ({ owner: a.owner, spender: a.spender, ...standard(a) }),
    'event Approval(address indexed owner, address indexed spender, uint256 value)',
  ],
  [
    'token_approval',
    (a) => ({ owner: a.owner, spender: a.spender, ...standard(a) }),
    'event Approval(address indexed owner, address indexed spender, uint256 indexed tokenId)',
  ],
  [
    'token_approval',
    (a) => ({ owner: a.owner, spender: a.operator, amount: a.approved ? 1n : 0n, standard: 'all' }),
    'event ApprovalForAll(address indexed owner, address indexed operator, bool approved)',
  ],
  [
    'swap',
    (a, log) => ({
      protocol: 'uniswap-v2',
      pool: log.address,
      sender: a.sender,
      recipient: a.to,
      amount0: (a.in0 as bigint) - (a.out0 as bigint),
      amount1: (a.in1 as bigint) - (a.out1 as bigint),
    }),
    'event Swap(address indexed sender, uint256 in0, uint256 in1, uint256 out0, uint256 out1, address indexed to)',
  ],
  [
    'swap',
    (a, log) => ({ protocol: 'uniswap-v3', pool: log.address, ...a }),
    'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)',
  ],
  [
    'price_update',
    (a, log) => ({ feed: log.address, answer: a.current, roundId: a.roundId, updatedAtSec: a.updatedAt }),
    'event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)',
  ],
  [
    'lending_event',
    (a) => ({ kind: 'supply', asset: a.reserve, account: a.onBehalfOf, initiator: a.user, amount: a.amount }),
    'event Supply(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint16 indexed referral)',
  ],
  [
    'lending_event',
    (a) => ({
      kind: 'supply',
      protocol: 'aave-v2',
      asset: a.reserve,
      account: a.onBehalfOf,
      initiator: a.user,
      amount: a.amount,
    }),
    'event Deposit(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint16 indexed referral)',
  ],
  [
    'lending_event',
    (a) => ({ kind: 'withdraw', asset: a.reserve, account: a.user, amount: a.amount }),
    'event Withdraw(address indexed reserve, address indexed user, address indexed to, uint256 amount)',
  ],
  [
    'lending_event',
    (a) => ({ kind: 'borrow', asset: a.reserve, account: a.onBehalfOf, initiator: a.user, amount: a.amount }),
    'event Borrow(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint8 mode, uint256 rate, uint16 indexed referral)',
  ],
  [
    'lending_event',
    (a) => ({
      kind: 'borrow',
      protocol: 'aave-v2',
      asset: a.reserve,
      account: a.onBehalfOf,
      amount: a.amount,
    }),
    'event Borrow(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint256 mode, uint256 rate, uint16 indexed referral)',
  ],
  [
    'lending_event',
    (a) => ({ kind: 'repay', asset: a.reserve, account: a.user, initiator: a.repayer, amount: a.amount }),
    'event Repay(address indexed reserve, address indexed user, address indexed repayer, uint256 amount, bool useATokens)',
  ],
  [
    'lending_event',
    (a) => ({
      kind: 'repay',
      protocol: 'aave-v2',
      asset: a.reserve,
      account: a.user,
      initiator: a.repayer,
      amount: a.amount,
    }),
    'event Repay(address indexed reserve, address indexed user, address indexed repayer, uint256 amount)',
  ],
  [
    'lending_event',
    (a) => ({ kind: 'collateralOn', asset: a.reserve, account: a.user }),
    'event ReserveUsedAsCollateralEnabled(address indexed reserve, address indexed user)',
  ],
  [
    'lending_event',
    (a) => ({ kind: 'collateralOff', asset: a.reserve, account: a.user }),
    'event ReserveUsedAsCollateralDisabled(address indexed reserve, address indexed user)',
  ],
  [
    'lending_event',
    (a) => ({ kind: 'withdraw', protocol: 'compound-v2', account: a.redeemer, amount: a.amount }),
    'event Redeem(address redeemer, uint256 amount, uint256 tokens)',
  ],
  [
    'lending_event',
    (a) => ({
      kind: 'repay',
      protocol: 'compound-v2',
      account: a.borrower,
      initiator: a.payer,
      amount: a.amount,
    }),
    'event RepayBorrow(address payer, address borrower, uint256 amount, uint256 accountBorrows, uint256 totalBorrows)',
  ],
  [
    'admin_action',
    (a) => ({
      kind: 'ownershipTransferred',
      actor: a.newOwner,
      detail: { previousOwner: a.previousOwner, newOwner: a.newOwner },
    }),
    'event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)',
  ],
  [
    'admin_action',
    (a) => ({ kind: 'roleGranted', actor: a.account, detail: a }),
    'event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)',
  ],
  [
    'admin_action',
    (a) => ({ kind: 'roleRevoked', actor: a.account, detail: a }),
    'event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)',
  ],
  [
    'admin_action',
    (a) => ({ kind: 'upgraded', detail: a }),
    'event Upgraded(address indexed implementation)',
  ],
  [
    'admin_action',
    (a) => ({ kind: 'adminChanged', actor: a.newAdmin, detail: a }),
    'event AdminChanged(address previousAdmin, address newAdmin)',
  ],
  ['admin_action', (a) => ({ kind: 'paused', actor: a.account }), 'event Paused(address account)'],
  [
    'flash_loan',
    (a) => ({
      protocol: 'balancer-v2',
      receiver: a.recipient,
      asset: a.token,
      amount: a.amount,
      premium: a.fee,
    }),
    'event FlashLoan(address indexed recipient, address indexed token, uint256 amount, uint256 fee)',
  ],
  [
    'flash_loan',
    (a) => ({ protocol: 'maker', receiver: a.receiver, asset: a.token, amount: a.amount, premium: a.fee }),
    'event FlashLoan(address indexed receiver, address token, uint256 amount, uint256 fee)',
  ],
  [
    'token_approval',
    allowance,
    'event Approval(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration)',
  ],
  [
    'token_approval',
    allowance,
    'event Permit(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration, uint48 nonce)',
  ],
  [
    'bridge_transfer',
    bridged('polygon-pos', 'out', 'depositor', 'rootToken'),
    'event LockedERC20(address indexed depositor, address indexed depositReceiver, address indexed rootToken, uint256 amount)',
  ],
  [
    'bridge_transfer',
    bridged('op-stack', 'out', 'from'),
    'event ETHDepositInitiated(address indexed from, address indexed to, uint256 amount, bytes extraData)',
  ],
  [
    'bridge_transfer',
    bridged('arbitrum', 'out', 'from', 'l1Token'),
    'event DepositInitiated(address l1Token, address indexed from, address indexed to, uint256 indexed number, uint256 amount)',
  ],
]

const byTopic = new Map<Hex, { table: Fact['table']; fields: Expectation[1]; abi: AbiEvent }[]>()
for (const [table, fields, event] of EXPECTED) {
  const [abi] = parseAbi([event]) as readonly AbiEvent[]
  const topic = toEventSelector(abi!)
  byTopic.set(topic, [...(byTopic.get(topic) ?? []), { table, fields, abi: abi! }])
}

/** What viem makes of a log, or undefined when no form of the event fits it. */
export function independently(log: RawLog): { table: Fact['table']; fields: object } | undefined {
  for (const { table, fields, abi } of byTopic.get(log.topics[0] as Hex) ?? []) {
    const indexed = abi.inputs.filter((input) => input.indexed).length
    if (log.topics.length !== indexed + 1) continue
    const { args } = decodeEventLog({
      abi: [abi],
      topics: log.topics as [Hex, ...Hex[]],
      data: log.data,
      strict: true,
    })
    return { table, fields: lowered(fields(args as unknown as Args, log)) }
  }
  return undefined
}

function lowered<T>(value: T): T {
  if (typeof value === 'string') return value.toLowerCase() as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === 'kind' ? item : lowered(item)]),
  ) as T
}
