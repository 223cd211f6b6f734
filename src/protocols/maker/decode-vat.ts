/**
 * Notes of the vat, spotter, jug and dog: vaults, rates, parameters, prices.
 *
 * A fact's account is the urn, whose debt it is in the vat; who owns the urn, decode-owner.ts tells. Amounts of DAI are
 * normalised debt (`dart`), because a note does not tell the rate: times the rate of DAI's row in the ilk they are DAI.
 * Collateral is in base units of its token. What the vat only moves inside (slip, flux, move, heal, suck) touches no vault.
 */
import type { Hex } from '../../chains/types'
import { expectShape, wordUint } from '../log-shape'
import { NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, RawLog } from '../types'
import type { IlkSeed } from './events'
import { expectNote, NOTE, nameOf, noteAddress, noteBytes32, noteInt, noteUint } from './note'
import { emit, seedOf, vatOf } from './seeds'

type Decoder = (log: RawLog, context: DecodeContext) => Decoded

/** topic0 → decoder of notes and of the spotter's Poke. */
export const VAT_DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  [NOTE.init, (log, context) => ofVat(log, context, 'init', (ilk) => emit(log, { name: 'init', ilk }))],
  [NOTE.frob, (log, context) => ofVat(log, context, 'frob', (ilk) => frob(log, ilk))],
  [NOTE.fork, (log, context) => ofVat(log, context, 'fork', (ilk) => fork(log, ilk))],
  [NOTE.grab, (log, context) => ofVat(log, context, 'grab', (ilk) => grab(log, ilk))],
  [NOTE.fold, (log, context) => ofVat(log, context, 'fold', (ilk) => fold(log, ilk))],
  [NOTE.fileIlk, fileIlk],
  [NOTE.file, file],
])

function ofVat(
  log: RawLog,
  context: DecodeContext,
  name: string,
  decode: (ilk: IlkSeed) => Decoded,
): Decoded {
  const vat = vatOf(log, context, 'vat')
  if (vat === undefined) return NOTHING
  expectNote(log, name)
  const ilk = seedOf(vat, noteBytes32(log, 0), context)
  return ilk === undefined ? NOTHING : decode(ilk)
}

/** frob(ilk, urn, gem's owner, DAI's owner, dink, dart) */
function frob(log: RawLog, ilk: IlkSeed): Decoded {
  const [urn, gemOwner, daiOwner] = [noteAddress(log, 1), noteAddress(log, 2), noteAddress(log, 3)]
  const [dink, dart] = [noteInt(log, 4), noteInt(log, 5)]
  const facts = [...gemFact(ilk, urn, gemOwner, dink), ...daiFact(ilk, urn, daiOwner, dart)]
  return emit(log, { name: 'vault', ilk, urn, dink, dart }, numbered(facts))
}

/** fork(ilk, source, destination, dink, dart): part of one vault becomes part of another */
function fork(log: RawLog, ilk: IlkSeed): Decoded {
  const [source, destination] = [noteAddress(log, 1), noteAddress(log, 2)]
  const [dink, dart] = [noteInt(log, 3), noteInt(log, 4)]
  const facts = [
    ...gemFact(ilk, source, source, -dink),
    ...daiFact(ilk, source, source, -dart),
    ...gemFact(ilk, destination, source, dink),
    ...daiFact(ilk, destination, source, dart),
  ]
  const taken = emit(log, { name: 'vault', ilk, urn: source, dink: -dink, dart: -dart })
  const given = emit(log, { name: 'vault', ilk, urn: destination, dink, dart })
  return { facts: numbered(facts), events: [...taken.events, ...given.events] }
}

/** grab(ilk, urn, gem's receiver, debt's receiver, dink, dart): a liquidation, whose fact is Bite's or Bark's */
function grab(log: RawLog, ilk: IlkSeed): Decoded {
  return emit(log, {
    name: 'vault',
    ilk,
    urn: noteAddress(log, 1),
    dink: noteInt(log, 4),
    dart: noteInt(log, 5),
  })
}

/** fold(ilk, to, rate): the stability fee of `jug.drip` */
function fold(log: RawLog, ilk: IlkSeed): Decoded {
  return emit(log, { name: 'fold', ilk, rateDeltaRay: noteInt(log, 2) })
}

/** What `file(ilk, what, data)` sets, by the contract's role. */
const ILK_FIELD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  vat: { spot: 'spotRay', line: 'lineRad', dust: 'dustRad' },
  spotter: { mat: 'matRay' },
  jug: { duty: 'dutyRay' },
  dog: { chop: 'chopWad', hole: 'holeRad' },
}

function fileIlk(log: RawLog, context: DecodeContext): Decoded {
  for (const [role, fields] of Object.entries(ILK_FIELD)) {
    const vat = vatOf(log, context, role)
    if (vat === undefined) continue
    expectNote(log, 'file')
    const field = fields[nameOf(noteBytes32(log, 1))]
    const ilk = seedOf(vat, noteBytes32(log, 0), context)
    if (field === undefined || ilk === undefined) return NOTHING
    return emit(log, { name: 'configured', ilk, changes: { [field]: noteUint(log, 2).toString() } })
  }
  return NOTHING
}

/** file(what, data) of the spotter */
function file(log: RawLog, context: DecodeContext): Decoded {
  const vat = vatOf(log, context, 'spotter')
  if (vat === undefined) return NOTHING
  expectNote(log, 'file')
  const ilk = seedOf(vat, `0x${'0'.repeat(64)}`, context)
  if (nameOf(noteBytes32(log, 0)) !== 'par' || ilk === undefined) return NOTHING
  return emit(log, { name: 'par', ilk, parRay: noteUint(log, 1).toString() })
}

/** Poke(ilk, value, spot) of the spotter: the oracle's price in US dollars (wad) and the vat's new spot price */
export function poke(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Poke', 1, 3)
  const [value, spotRay] = [wordUint(log, 1), wordUint(log, 2)]
  const vat = vatOf(log, context, 'spotter')
  const ilk = vat && seedOf(vat, `0x${wordUint(log, 0).toString(16).padStart(64, '0')}`, context)
  return ilk === undefined ? NOTHING : emit(log, { name: 'poke', ilk, valueWad: value, spotRay })
}

type LendingFact = Extract<Fact, { table: 'lending_event' }>

function gemFact(ilk: IlkSeed, account: Hex, initiator: Hex, dink: bigint): LendingFact[] {
  const kind = dink > 0n ? 'supply' : 'withdraw'
  return dink === 0n
    ? []
    : [fact(ilk, { kind, account, initiator, asset: ilk.gem, amount: gemAmount(ilk, dink) })]
}

function daiFact(ilk: IlkSeed, account: Hex, initiator: Hex, dart: bigint): LendingFact[] {
  const kind = dart > 0n ? 'borrow' : 'repay'
  return dart === 0n ? [] : [fact(ilk, { kind, account, initiator, asset: ilk.dai, amount: magnitude(dart) })]
}

/** Base units of the gem for a wad of collateral, rounded down; the wad itself where its decimals are not known. */
export function gemAmount({ decimals }: IlkSeed, inkWad: bigint): bigint {
  return decimals === null || decimals > 18
    ? magnitude(inkWad)
    : magnitude(inkWad) / 10n ** BigInt(18 - decimals)
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

function fact(
  ilk: IlkSeed,
  what: Pick<LendingFact, 'kind' | 'account' | 'initiator' | 'asset' | 'amount'>,
): LendingFact {
  const nothingSeized = { collateralAsset: null, collateralAmount: null }
  const common = { table: 'lending_event', protocol: 'maker', subIndex: 0, verified: true } as const
  return { ...common, pool: ilk.ilk, ...nothingSeized, ...what }
}

function numbered(facts: LendingFact[]): Fact[] {
  return facts.map((entry, subIndex) => ({ ...entry, subIndex }))
}
