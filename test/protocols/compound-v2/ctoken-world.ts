/**
 * One cToken's books kept by hand, and the logs its contract would emit for each operation, in the contract's order.
 * Only a generator of plausible histories: what it keeps is what the fold's answers are compared with.
 */
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { createContext, createMemoryState } from '../../../src/protocols/memory-state'
import type { RawLog } from '../../../src/protocols/types'
import { log } from '../../support/logs'
import { strictFold } from '../../support/strict-fold'

export const WAD = 10n ** 18n
export const COMPTROLLER: Hex = '0x3d9819210a31b4961b30ef54be2aed79b9c9cd3b'
export const ORACLE: Hex = `0x${'0a'.repeat(20)}`
export const ethereum = CHAINS.ethereum!
export const cTokenOf = (label: string): Hex =>
  ethereum.contracts.find((entry) => entry.protocol === 'compound-v2' && entry.label.endsWith(` ${label}`))!
    .address
export const marketId = (cToken: Hex): string => `1:${COMPTROLLER}:${cToken}`

/** A fold over an empty state with everything covered. */
export function createFold() {
  const state = createMemoryState()
  const context = createContext(ethereum)
  return {
    state,
    fold: (...logs: RawLog[]) => strictFold(logs, state, context),
  }
}

export const comptroller = {
  listed: (cToken: Hex) => log(COMPTROLLER, 'MarketListed(address)', [], [cToken]),
  oracle: (oracle: Hex = ORACLE) => log(COMPTROLLER, 'NewPriceOracle(address,address)', [], [ORACLE, oracle]),
  factor: (cToken: Hex, mantissa: bigint) =>
    log(COMPTROLLER, 'NewCollateralFactor(address,uint256,uint256)', [], [cToken, 0n, mantissa]),
  incentive: (mantissa: bigint) =>
    log(COMPTROLLER, 'NewLiquidationIncentive(uint256,uint256)', [], [0n, mantissa]),
  entered: (cToken: Hex, account: Hex) =>
    log(COMPTROLLER, 'MarketEntered(address,address)', [], [cToken, account]),
  exited: (cToken: Hex, account: Hex) =>
    log(COMPTROLLER, 'MarketExited(address,address)', [], [cToken, account]),
}

const TRANSFER = 'Transfer(address,address,uint256)'

export interface Loan {
  principal: bigint
  index: bigint
}

/** A cToken whose initial exchange rate is 0.02, as Compound's are for 18 decimals. */
export function createCToken(cToken: Hex) {
  const books = { cash: 0n, borrows: 0n, reserves: 0n, supply: 0n, index: WAD, reserveFactor: 0n }
  const tokens = new Map<Hex, bigint>()
  const loans = new Map<Hex, Loan>()
  const rate = () =>
    books.supply === 0n ? WAD / 50n : ((books.cash + books.borrows - books.reserves) * WAD) / books.supply
  const owed = (account: Hex) => {
    const loan = loans.get(account)
    return loan === undefined ? 0n : (loan.principal * books.index) / loan.index
  }
  const give = (account: Hex, delta: bigint) => tokens.set(account, (tokens.get(account) ?? 0n) + delta)
  const held = (account: Hex) => tokens.get(account) ?? 0n

  return {
    books,
    tokens,
    loans,
    rate,
    owed,
    reserveFactor(mantissa: bigint): RawLog[] {
      books.reserveFactor = mantissa
      return [log(cToken, 'NewReserveFactor(uint256,uint256)', [], [0n, mantissa])]
    },
    /** `factor`: simple interest since the last accrual, scaled by 1e18. */
    accrue(factor: bigint, old = false): RawLog[] {
      const interest = (factor * books.borrows) / WAD
      const cashPrior = books.cash
      books.borrows += interest
      books.reserves += (books.reserveFactor * interest) / WAD
      books.index += (factor * books.index) / WAD
      const tail = [interest, books.index, books.borrows]
      return old
        ? [log(cToken, 'AccrueInterest(uint256,uint256,uint256)', [], tail)]
        : [log(cToken, 'AccrueInterest(uint256,uint256,uint256,uint256)', [], [cashPrior, ...tail])]
    },
    mint(account: Hex, amount: bigint): RawLog[] {
      const minted = (amount * WAD) / rate()
      books.cash += amount
      books.supply += minted
      give(account, minted)
      return [
        log(cToken, 'Mint(address,uint256,uint256)', [], [account, amount, minted]),
        log(cToken, TRANSFER, [cToken, account], [minted]),
      ]
    },
    redeem(account: Hex, share: bigint): RawLog[] {
      const burnt = (held(account) * share) / 100n
      const amount = (burnt * rate()) / WAD
      if (burnt === 0n || amount > books.cash) return []
      books.cash -= amount
      books.supply -= burnt
      give(account, -burnt)
      return [
        log(cToken, TRANSFER, [account, cToken], [burnt]),
        log(cToken, 'Redeem(address,uint256,uint256)', [], [account, amount, burnt]),
      ]
    },
    borrow(account: Hex, amount: bigint): RawLog[] {
      if (amount > books.cash) return []
      const principal = owed(account) + amount
      loans.set(account, { principal, index: books.index })
      books.borrows += amount
      books.cash -= amount
      return [
        log(
          cToken,
          'Borrow(address,uint256,uint256,uint256)',
          [],
          [account, amount, principal, books.borrows],
        ),
      ]
    },
    repay(payer: Hex, account: Hex, share: bigint): RawLog[] {
      const amount = (owed(account) * share) / 100n
      const principal = owed(account) - amount
      loans.set(account, { principal, index: books.index })
      books.borrows = books.borrows > amount ? books.borrows - amount : 0n
      books.cash += amount
      const words = [payer, account, amount, principal, books.borrows]
      return [log(cToken, 'RepayBorrow(address,address,uint256,uint256,uint256)', [], words)]
    },
    /** Seizes cTokens of a borrower, 2.8 % of them for the reserves. */
    seize(liquidator: Hex, borrower: Hex, share: bigint): RawLog[] {
      const seized = (held(borrower) * share) / 100n
      const protocol = (seized * 28n) / 1000n
      const amount = (protocol * rate()) / WAD
      books.reserves += amount
      books.supply -= protocol
      give(borrower, -seized)
      give(liquidator, seized - protocol)
      return [
        log(cToken, TRANSFER, [borrower, liquidator], [seized - protocol]),
        log(cToken, TRANSFER, [borrower, cToken], [protocol]),
        log(cToken, 'ReservesAdded(address,uint256,uint256)', [], [cToken, amount, books.reserves]),
      ]
    },
    transfer(from: Hex, to: Hex, share: bigint): RawLog[] {
      if (from === to) return []
      const moved = (held(from) * share) / 100n
      give(from, -moved)
      give(to, moved)
      return [log(cToken, TRANSFER, [from, to], [moved])]
    },
    addReserves(from: Hex, amount: bigint): RawLog[] {
      books.cash += amount
      books.reserves += amount
      return [log(cToken, 'ReservesAdded(address,uint256,uint256)', [], [from, amount, books.reserves])]
    },
    reduceReserves(admin: Hex, share: bigint): RawLog[] {
      const amount = (books.reserves * share) / 100n
      if (amount > books.cash) return []
      books.cash -= amount
      books.reserves -= amount
      return [log(cToken, 'ReservesReduced(address,uint256,uint256)', [], [admin, amount, books.reserves])]
    },
  }
}
