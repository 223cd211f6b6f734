/**
 * How much of an account's money is dirty after it was mixed: four conventions, because no ledger of fungible coins can
 * say it. Each answers "what part of this payment comes from the sources that are known to be dirty".
 *
 *   poison    all of a payment from an account that holds anything dirty is dirty (the account stays dirty until empty)
 *   haircut   the same part of every payment as of the balance
 *   FIFO      first in, first out: Clayton's case (1816), Anderson, Shumailov and Ahmed, Making Bitcoin Legal (2018)
 *   LIFO      last in, first out
 *
 * Poison and haircut: Möser, Böhme and Breuker, Towards Risk Scoring of Bitcoin Transactions (2014). Haircut, FIFO and
 * LIFO conserve dirt; poison makes more of it, and so is an upper bound.
 *
 * Worked: 3 dirty come in, then 7 clean, then 5 are paid out: poison 5, haircut 5 · 3/10 = 1.5, FIFO 3, LIFO 0.
 */
import { PlimsollError } from '../errors'

export const TAINT_METHODS = ['poison', 'haircut', 'FIFO', 'LIFO'] as const
export type TaintMethod = (typeof TAINT_METHODS)[number]

/** Money that came together: its amount, and how much of it is dirty. Under FIFO and LIFO all of it or nothing is. */
export interface Lot {
  amount: number
  tainted: number
}

/** One payment of one asset, in the order of the chain. Amounts are doubles in one unit. */
export interface Flow {
  from: string
  to: string
  amount: number
}

export interface TaintRequest {
  method: TaintMethod
  /** Accounts whose own money is dirty: a thief's, a sanctioned one's. What they are sent becomes dirty too. */
  sources: ReadonlySet<string>
}

export interface TaintOutcome {
  /** Dirty part of each flow, in their order. */
  taintedOf: Float64Array
  /** What every account but the sources holds at the end. */
  balances: Map<string, Lot>
  /** What accounts paid beyond what they had been seen to receive: taken for clean, and shown because it is a guess. */
  unseen: number
}

/** Adds to an account's lots; poison and haircut keep one lot only, because order does not matter to them. */
export function receive(lots: readonly Lot[], incoming: readonly Lot[], method: TaintMethod): Lot[] {
  const arrived = incoming.filter((lot) => lot.amount > 0)
  if (method === 'FIFO' || method === 'LIFO') return [...lots, ...arrived]
  const whole = sum([...lots, ...arrived])
  if (whole.amount === 0) return []
  return [method === 'poison' && whole.tainted > 0 ? { ...whole, tainted: whole.amount } : whole]
}

/**
 * Takes an amount out of an account. What the lots do not hold is `unseen`.
 * @throws PlimsollError for an amount that is negative or not finite
 */
export function spend(
  lots: readonly Lot[],
  amount: number,
  method: TaintMethod,
): { paid: Lot[]; left: Lot[]; unseen: number } {
  requireAmount(amount)
  const queue = method === 'LIFO' ? [...lots].reverse() : [...lots]
  const paid: Lot[] = []
  let open = amount
  while (open > 0 && queue.length > 0) {
    const lot = queue[0]!
    if (lot.amount <= open) {
      paid.push(lot)
      queue.shift()
      open -= lot.amount
    } else {
      const [part, rest] = split(lot, open, method)
      paid.push(part)
      queue[0] = rest
      open = 0
    }
  }
  // What is paid keeps the order in which it came, so that the next account's queue is in order too.
  if (method === 'LIFO') paid.reverse()
  return { paid, left: method === 'LIFO' ? queue.reverse() : queue, unseen: open }
}

/** Follows dirt through payments. Linear in flows and lots. @throws PlimsollError naming a flow whose amount is none */
export function traceTaint(flows: readonly Flow[], { method, sources }: TaintRequest): TaintOutcome {
  const accounts = new Map<string, Lot[]>()
  const taintedOf = new Float64Array(flows.length)
  let unseen = 0
  flows.forEach(({ from, to, amount }, i) => {
    requireAmount(amount, `flow ${i}`)
    let paid: Lot[] = [{ amount, tainted: amount }]
    if (!sources.has(from)) {
      const spent = spend(accounts.get(from) ?? [], amount, method)
      accounts.set(from, spent.left)
      unseen += spent.unseen
      paid = spent.unseen > 0 ? [...spent.paid, { amount: spent.unseen, tainted: 0 }] : spent.paid
      // One dirty coin among unseen ones poisons the payment as a whole.
      if (method === 'poison') paid = receive([], paid, method)
    }
    taintedOf[i] = sum(paid).tainted
    if (!sources.has(to)) accounts.set(to, receive(accounts.get(to) ?? [], paid, method))
  })
  return { taintedOf, balances: new Map([...accounts].map(([id, lots]) => [id, sum(lots)])), unseen }
}

/** Lots that FIFO and LIFO cut are of one colour; the others are cut in proportion. */
function split(lot: Lot, amount: number, method: TaintMethod): [Lot, Lot] {
  const rest = lot.amount - amount
  if (method === 'poison') {
    const isDirty = lot.tainted > 0
    return [
      { amount, tainted: isDirty ? amount : 0 },
      { amount: rest, tainted: isDirty ? rest : 0 },
    ]
  }
  const part = (lot.tainted * amount) / lot.amount
  return [
    { amount, tainted: part },
    { amount: rest, tainted: lot.tainted - part },
  ]
}

function sum(lots: readonly Lot[]): Lot {
  const whole = { amount: 0, tainted: 0 }
  for (const lot of lots) {
    whole.amount += lot.amount
    whole.tainted += lot.tainted
  }
  return whole
}

function requireAmount(amount: number, place = 'spending'): void {
  if (Number.isFinite(amount) && amount >= 0) return
  throw new PlimsollError(`${place} has an amount of ${amount}: it must be zero or more and finite`, {
    exitCode: 2,
  })
}
