import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Flow, receive, spend, TAINT_METHODS, traceTaint } from '../../src/features/taint'
import { describeWithData } from '../support/data'
import { REFERENCE_FILE, referenceCase } from '../systemic/reference-cases'

const sources = new Set(['thief'])
const story: Flow[] = [
  { from: 'thief', to: 'a', amount: 3 },
  { from: 'payroll', to: 'a', amount: 7 },
  { from: 'a', to: 'shop', amount: 5 },
]

describe('edge cases', () => {
  it('an empty account pays with money that was not seen, taken for clean', () => {
    for (const method of TAINT_METHODS) {
      expect(spend([], 4, method)).toEqual({ paid: [], left: [], unseen: 4 })
      const { taintedOf, unseen } = traceTaint([{ from: 'a', to: 'b', amount: 4 }], { method, sources })
      expect([taintedOf[0], unseen]).toEqual([0, 4])
    }
  })

  it('nothing changes by a payment of zero, not even under poison', () => {
    for (const method of TAINT_METHODS) {
      const flows = [story[0]!, { from: 'a', to: 'b', amount: 0 }]
      const { taintedOf, balances } = traceTaint(flows, { method, sources })
      expect(taintedOf[1]).toBe(0)
      expect(balances.get('b')).toEqual({ amount: 0, tainted: 0 })
      expect(balances.get('a')).toEqual({ amount: 3, tainted: 3 })
    }
  })

  it('paying all out empties the account and cleans it', () => {
    for (const method of TAINT_METHODS) {
      const flows = [...story, { from: 'a', to: 'b', amount: 5 }, { from: 'bank', to: 'a', amount: 1 }]
      expect(traceTaint(flows, { method, sources }).balances.get('a')).toEqual({ amount: 1, tainted: 0 })
    }
  })

  it('a payment to oneself neither cleans nor dirties', () => {
    for (const method of TAINT_METHODS) {
      const { balances } = traceTaint([...story.slice(0, 2), { from: 'a', to: 'a', amount: 5 }], {
        method,
        sources,
      })
      const { amount, tainted } = balances.get('a')!
      expect(amount).toBe(10)
      expect(tainted).toBeCloseTo(method === 'poison' ? 10 : 3, 12)
    }
  })

  it('what a source is sent is not followed, and what it sends is dirty whatever it received', () => {
    const flows = [
      { from: 'clean', to: 'thief', amount: 9 },
      { from: 'thief', to: 'a', amount: 9 },
    ]
    expect(traceTaint(flows, { method: 'FIFO', sources }).balances.get('a')).toEqual({
      amount: 9,
      tainted: 9,
    })
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
    'an amount of %s is refused and its flow named',
    (amount) => {
      const flows = [story[0]!, { from: 'a', to: 'b', amount }]
      expect(() => traceTaint(flows, { method: 'haircut', sources })).toThrow(/flow 1 has an amount/)
      expect(() => spend([], amount, 'haircut')).toThrow(/amount/)
    },
  )

  it('a dirty coin poisons what it is mixed with, unseen money included', () => {
    const flows = [story[0]!, { from: 'a', to: 'b', amount: 10 }]
    expect(traceTaint(flows, { method: 'poison', sources }).taintedOf[1]).toBe(10)
    expect(traceTaint(flows, { method: 'haircut', sources }).taintedOf[1]).toBe(3)
  })
})

describe('order', () => {
  it('passes on with the lots: FIFO pays the dirty ones first through two accounts, LIFO keeps them to the last', () => {
    const flows = [
      ...story.slice(0, 2),
      { from: 'a', to: 'b', amount: 10 },
      { from: 'b', to: 'c', amount: 3 },
    ]
    expect(traceTaint(flows, { method: 'FIFO', sources }).taintedOf[3]).toBe(3)
    expect(traceTaint(flows, { method: 'LIFO', sources }).taintedOf[3]).toBe(0)
  })

  it('does not matter to haircut and poison', () => {
    const lots = [
      { amount: 7, tainted: 0 },
      { amount: 3, tainted: 3 },
    ]
    for (const method of ['haircut', 'poison'] as const)
      expect(receive([], lots, method)).toEqual(receive([], [...lots].reverse(), method))
  })
})

const flowsOf = fc.array(
  fc.record({
    from: fc.constantFrom('thief', 'a', 'b', 'c', 'd'),
    to: fc.constantFrom('a', 'b', 'c', 'd'),
    amount: fc.integer({ min: 0, max: 1_000 }),
  }),
  { maxLength: 60 },
)

describe('properties', () => {
  it('dirt is conserved by haircut, FIFO and LIFO, and poison never finds less than any of them', () => {
    fc.assert(
      fc.property(flowsOf, (flows) => {
        const stolen = flows.filter((flow) => flow.from === 'thief').reduce((s, flow) => s + flow.amount, 0)
        const total = (method: (typeof TAINT_METHODS)[number]) =>
          [...traceTaint(flows, { method, sources }).balances.values()].reduce((s, lot) => s + lot.tainted, 0)
        for (const method of ['haircut', 'FIFO', 'LIFO'] as const)
          expect(total(method)).toBeCloseTo(stolen, 6)
        expect(total('poison')).toBeGreaterThanOrEqual(stolen - 1e-9)
      }),
    )
  })

  it('poison marks every payment that any other convention marks', () => {
    fc.assert(
      fc.property(flowsOf, (flows) => {
        const poison = traceTaint(flows, { method: 'poison', sources }).taintedOf
        for (const method of ['haircut', 'FIFO', 'LIFO'] as const)
          traceTaint(flows, { method, sources }).taintedOf.forEach((tainted, i) => {
            expect(poison[i]).toBeGreaterThanOrEqual(tainted - 1e-9)
          })
      }),
    )
  })

  it('no payment is dirtier than it is large, and balances are the same under every convention', () => {
    fc.assert(
      fc.property(flowsOf, (flows) => {
        const balances = TAINT_METHODS.map((method) => {
          const outcome = traceTaint(flows, { method, sources })
          outcome.taintedOf.forEach((tainted, i) => {
            expect(tainted).toBeGreaterThanOrEqual(0)
            expect(tainted).toBeLessThanOrEqual(flows[i]!.amount + 1e-9)
          })
          return [...outcome.balances].map(([id, lot]) => [id, Math.round(lot.amount)])
        })
        for (const other of balances) expect(other).toEqual(balances[0])
      }),
    )
  })
})

describeWithData('the worked case', [REFERENCE_FILE], () => {
  it.each(TAINT_METHODS)('%s', (method) => {
    const { taintedOf } = traceTaint(story, { method, sources })
    expect(taintedOf[2]).toBe(referenceCase('TAINT')[method])
  })
})
