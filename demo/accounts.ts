/**
 * The cast of the local world: who owns which key of the well-known development mnemonic.
 *
 * One wallet belongs to one role, so that no two writers race for a nonce. Keys derive at m/44'/60'/0'/0/i.
 */
import { type Hex, toHex } from 'viem'
import { mnemonicToAccount, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { DEMO_ACCOUNT_COUNT, DEMO_MNEMONIC } from './anvil'

/** Account indexes by role; ranges are [first, last], both included. */
export const CAST = {
  admin: 0,
  oracleSender: 1,
  oracleSigners: [2, 5],
  transmitter: 6,
  treasury: 7,
  liquidator: 8,
  arbitrageur: 9,
  suppliers: [10, 15],
  careful: [16, 25],
  levered: [26, 33],
  degenerate: [34, 37],
  deadbeat: [38, 39],
  attacker: 40,
  swappers: [41, 46],
  wallets: [47, 59],
} as const

export type Habit = 'careful' | 'levered' | 'degenerate' | 'deadbeat'

// viem types paths down to the leaf; the branch is derived once because the mnemonic's key stretching is slow.
const BRANCH_PATH = "m/44'/60'/0'/0" as `m/44'/60'/${string}`

let derived: PrivateKeyAccount[] | undefined

/** All 60 accounts, derived once (≈0.1 s). */
export function demoAccounts(): PrivateKeyAccount[] {
  derived ??= demoPrivateKeys().map((key) => privateKeyToAccount(key))
  return derived
}

/** The private keys, which are as public as the mnemonic: for processes of the demo that sign by themselves. */
export function demoPrivateKeys(): Hex[] {
  const branch = mnemonicToAccount(DEMO_MNEMONIC, { path: BRANCH_PATH }).getHdKey()
  return Array.from({ length: DEMO_ACCOUNT_COUNT }, (_, index) => {
    const key = branch.deriveChild(index).privateKey
    if (key === null) throw new Error(`no private key at index ${index}`)
    return toHex(key)
  })
}

/** The account at an index. Throws when there is none. */
export function demoAccount(index: number): PrivateKeyAccount {
  const account = demoAccounts()[index]
  if (account === undefined)
    throw new Error(`the local world has accounts 0 to ${DEMO_ACCOUNT_COUNT - 1}, not ${index}`)
  return account
}

/** All indexes of a range, both ends included. */
export function indexesOf([first, last]: readonly [number, number]): number[] {
  return Array.from({ length: last - first + 1 }, (_, offset) => first + offset)
}

/** Everyone who may hold a position in the lending pool. */
export function positionHolders(): number[] {
  return [
    CAST.treasury,
    CAST.liquidator,
    ...indexesOf(CAST.suppliers),
    ...borrowers(),
    ...indexesOf(CAST.wallets),
  ]
}

export function borrowers(): number[] {
  return [CAST.careful, CAST.levered, CAST.degenerate, CAST.deadbeat].flatMap((range) => indexesOf(range))
}

/** The borrowing habit of an account, undefined for everyone who does not borrow. */
export function habitOf(index: number): Habit | undefined {
  const habits = ['careful', 'levered', 'degenerate', 'deadbeat'] as const
  return habits.find((habit) => index >= CAST[habit][0] && index <= CAST[habit][1])
}
