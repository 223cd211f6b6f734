/** Vaults, rates and owners from Maker's notes, over random histories and at the edges. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hex } from '../../../src/chains/types'
import { urnOf } from '../../../src/protocols/maker/decode-owner'
import { bytes32Of, nameOf } from '../../../src/protocols/maker/note'
import { log, STRANGER } from '../../support/logs'
import {
  contractOf,
  createFold,
  DAI,
  DOG,
  ETH_B,
  ethereum,
  frob,
  JUG,
  MANAGER,
  note,
  priced,
  RAY,
  SPOTTER,
  VAT,
  WAD,
  WBTC,
  WBTC_A,
  WETH,
} from './notes'

const urns: Hex[] = ['a1', 'b2', 'c3'].map((byte): Hex => `0x${byte.repeat(20)}`)
const [alice, bob] = urns as [Hex, Hex, Hex]
const [gemId, daiId] = [`1:${ETH_B}:${WETH}`, `1:${ETH_B}:${DAI}`]

describe('a vat’s history', () => {
  const step = fc.record({
    what: fc.constantFrom('frob', 'fork', 'grab', 'fold'),
    who: fc.nat(2),
    whom: fc.nat(2),
    dink: fc.bigInt(-(10n ** 20n), 10n ** 20n),
    dart: fc.bigInt(-(10n ** 23n), 10n ** 23n),
    rate: fc.bigInt(-(10n ** 24n), 10n ** 26n),
  })

  it('folds to the vat’s own urns, Art and rate; nothing is negative and all debt adds up', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { state, fold } = createFold()
        const vault = urns.map(() => ({ ink: 0n, art: 0n }))
        let rate = RAY
        fold(note(VAT, 'init', [ETH_B]))
        for (const entry of steps) {
          const { what, who, whom } = entry
          const [one, other] = [vault[who]!, vault[whom]!]
          const source = what === 'fork' ? other : one
          const within = (delta: bigint, held: bigint) => (held + delta < 0n ? -held : delta)
          if (what === 'fold') {
            rate += entry.rate
            expect(fold(note(VAT, 'fold', [ETH_B, STRANGER, entry.rate])).undecodable).toEqual([])
            continue
          }
          const shrink = (delta: bigint, held: bigint) =>
            -((delta < 0n ? -delta : delta) > held ? held : delta < 0n ? -delta : delta)
          const [dink, dart] =
            what === 'frob'
              ? [within(entry.dink, one.ink), within(entry.dart, one.art)]
              : [shrink(entry.dink, source.ink), shrink(entry.dart, source.art)]
          source.ink += dink
          source.art += dart
          if (what === 'fork') {
            one.ink -= dink
            one.art -= dart
          }
          const [urn, from] = [urns[who]!, urns[whom]!]
          const notes = {
            frob: () => frob(ETH_B, urn, dink, dart),
            grab: () => note(VAT, 'grab', [ETH_B, urn, STRANGER, STRANGER, dink, dart]),
            fork: () => note(VAT, 'fork', [ETH_B, from, urn, -dink, -dart]),
          }
          expect(fold(notes[what]()).undecodable).toEqual([])
        }
        const row = state.market(daiId)!
        expect(row).toMatchObject({ complete: true, state: { borrowIndexRay: String(rate) } })
        let art = 0n
        urns.forEach((urn, i) => {
          expect(state.position(urn, gemId)?.scaledSupply ?? 0n).toBe(vault[i]!.ink)
          expect(state.position(urn, daiId)?.scaledDebt ?? 0n).toBe(vault[i]!.art)
          art += vault[i]!.art
        })
        expect(row.state.totalArt).toBe(String(art))
      }),
      { numRuns: 150 },
    )
  })

  it('makes facts of what a vault gains and loses, DAI normalised, collateral in its own units', () => {
    const { fold } = createFold()
    const { facts } = fold(
      note(VAT, 'frob', [WBTC_A, alice, bob, STRANGER, 2n * WAD, 5_000n * WAD]),
      frob(ETH_B, alice, -WAD, -7n),
      frob(ETH_B, alice, 0n, 0n),
    )
    expect(facts).toMatchObject([
      {
        kind: 'supply',
        account: alice,
        initiator: bob,
        asset: WBTC,
        amount: 200_000_000n,
        pool: WBTC_A,
        subIndex: 0,
        verified: true,
      },
      { kind: 'borrow', account: alice, initiator: STRANGER, asset: DAI, amount: 5_000n * WAD, subIndex: 1 },
      { kind: 'withdraw', asset: WETH, amount: WAD, pool: ETH_B },
      { kind: 'repay', asset: DAI, amount: 7n },
    ])
  })

  it('shows collateral of eight decimals in its own units through the index', () => {
    const { state, fold } = createFold()
    fold(frob(WBTC_A, alice, 2n * WAD, 0n))
    const { scaledSupply } = state.position(alice, `1:${WBTC_A}:${WBTC}`)!
    const index = BigInt(String(state.market(`1:${WBTC_A}:${WBTC}`)!.state.liquidityIndexRay))
    expect((scaledSupply * index) / RAY).toBe(200_000_000n)
  })

  it('of an ilk whose collateral nobody lists is kept, and not complete', () => {
    const { state, fold } = createFold()
    const ilk = bytes32Of('RWA001-A')
    const { facts } = fold(frob(ilk, alice, 5n, 6n))
    expect(facts).toMatchObject([
      { asset: VAT, amount: 5n },
      { asset: DAI, amount: 6n },
    ])
    expect(state.position(alice, `1:${ilk}:${DAI}`)).toMatchObject({ scaledDebt: 6n, complete: false })
  })

  it('that frees what was never locked is incomplete and not negative', () => {
    const { state, fold } = createFold()
    fold(frob(ETH_B, alice, -5n, -5n))
    expect(state.position(alice, gemId)).toMatchObject({ scaledSupply: 0n, complete: false })
    expect(state.position(alice, daiId)).toMatchObject({ scaledDebt: 0n, complete: false })
  })
})

describe('parameters and prices', () => {
  it('come from the contract whose they are, and no other', () => {
    const { state, fold } = createFold()
    const file = (address: Hex, what: string, value: bigint) =>
      note(address, 'file', [ETH_B, bytes32Of(what), value])
    fold(
      file(SPOTTER, 'mat', (RAY * 13n) / 10n),
      file(JUG, 'duty', RAY + 1n),
      file(DOG, 'chop', (WAD * 113n) / 100n),
      file(VAT, 'dust', 100n),
      file(VAT, 'mat', 7n),
      file(STRANGER, 'mat', 8n),
      file(contractOf('cat'), 'chop', 9n),
      note(SPOTTER, 'file', [bytes32Of('par'), RAY * 2n]),
    )
    expect(state.market(`1:${ETH_B}`)!.state).toMatchObject({
      matRay: String((RAY * 13n) / 10n),
      dutyRay: String(RAY + 1n),
      chopWad: String((WAD * 113n) / 100n),
      dustRad: '100',
    })
    expect(state.market(`1:${VAT}`)!.state.parRay).toBe(String(RAY * 2n))
  })

  it('a poke prices the ilk’s collateral for that ilk alone', () => {
    const { state, fold } = createFold()
    fold(...priced(ETH_B, 1_500n * WAD, (RAY * 13n) / 10n))
    expect([...state.prices.values()]).toEqual([
      {
        asset: WETH,
        kind: 'protocol',
        source: ETH_B,
        answer: 1_500n * WAD,
        decimals: 18,
        updatedAtSec: 1_700_000_000n,
      },
    ])
  })
})

describe('liquidations', () => {
  it.each([
    ['Bite', 'cat'],
    ['Bark', 'dog'],
  ])('%s of the %s is one fact, with the DAI owed', (event, role) => {
    const { fold } = createFold()
    const signature = `${event}(bytes32,address,uint256,uint256,uint256,address,uint256)`
    const words = [3n * WAD, 1_000n * WAD, 1_050n * WAD * RAY, bob, 1n]
    const { facts } = fold(
      log(contractOf(role), signature, [ETH_B, alice], words),
      log(STRANGER, signature, [ETH_B, alice], words),
    )
    const effect = {
      kind: 'liquidation',
      account: alice,
      initiator: bob,
      amount: 1_050n * WAD,
      collateralAmount: 3n * WAD,
    }
    expect(facts).toMatchObject([
      { ...effect, verified: true, pool: ETH_B, asset: DAI, collateralAsset: WETH },
      { ...effect, verified: false, pool: null, asset: STRANGER },
    ])
  })
})

describe('owners', () => {
  it('are told at opening and at each gift, of the urn that the vault’s number makes', () => {
    const { fold } = createFold()
    const { facts } = fold(
      log(MANAGER, 'NewCdp(address,address,uint256)', [bob, alice, 15_967n], []),
      note(MANAGER, 'give', [15_967n, bob]),
    )
    const urn = '0xf78afa4501655b8cd812ec1a8428b7edbfd79b5b'
    expect(facts).toEqual([
      {
        table: 'admin_action',
        subIndex: 0,
        verified: true,
        kind: 'vaultOwner',
        target: urn,
        actor: alice,
        detail: { cdp: '15967', opener: bob },
      },
      {
        table: 'admin_action',
        subIndex: 0,
        verified: true,
        kind: 'vaultOwner',
        target: urn,
        actor: bob,
        detail: { cdp: '15967' },
      },
    ])
    expect(urnOf(MANAGER, 15_978n)).toBe('0x124a7f2710a09b6a8f7da9fca240a9805fabf9fc')
  })

  it('of a vault that cannot be are refused', () => {
    const { fold } = createFold()
    expect(
      fold(log(MANAGER, 'NewCdp(address,address,uint256)', [bob, alice, 0n], [])).undecodable,
    ).toHaveLength(1)
    expect(fold(note(MANAGER, 'give', [2n ** 255n, bob])).undecodable).toHaveLength(1)
  })
})

describe('a note', () => {
  it('of a listed contract that is no calldata of its function is refused; anyone else’s is not read', () => {
    const good = frob(ETH_B, alice, 1n, 1n)
    const dirty = good.data.replace(
      `${'0'.repeat(24)}${alice.slice(2)}`,
      `1${'0'.repeat(23)}${alice.slice(2)}`,
    )
    const bad = [
      { ...good, data: good.data.slice(0, -2) as Hex },
      { ...good, data: good.data.replace('76088703', '76088704') as Hex },
      { ...good, topics: good.topics.slice(0, 3) },
      { ...good, data: dirty as Hex },
    ]
    for (const entry of bad) expect(createFold().fold(entry).undecodable).toHaveLength(1)
    const { state, fold } = createFold()
    expect(fold({ ...good, address: STRANGER })).toEqual({ facts: [], undecodable: [] })
    expect(state.markets.size).toBe(0)
  })

  it('names ilks as Maker does', () => {
    expect(nameOf(ETH_B)).toBe('ETH-B')
    const joins = ethereum.contracts.filter(({ role }) => role === 'gemJoin')
    expect(joins.map(({ links, label }) => [nameOf(links!.ilk!), label])).toContainEqual([
      'WBTC-A',
      'Maker WBTC-A join',
    ])
    expect(new Set(joins.map(({ links }) => links!.ilk)).size).toBe(joins.length)
  })
})
