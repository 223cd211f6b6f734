/**
 * Maker's LogNote: an anonymous event whose topic0 is the selector of the function that was called, left-aligned.
 *
 * The vat puts the first three arguments into the other topics; every other contract the caller and the first two
 * arguments. Both carry seven words of calldata as `bytes`: offset 0x20, length 224, selector, arguments, zeros. Arguments
 * are read from there, so that they stand at the same place for all. Sources: vat.sol and lib.sol of makerdao/dss.
 */
import type { Hex } from '../../chains/types'
import { selectorOf } from '../log-shape'
import { type RawLog, UndecodableLog } from '../types'

/** topic0 of the note that a function leaves. */
export function noteTopic(signature: string): Hex {
  return selectorOf(signature).padEnd(66, '0') as Hex
}

/** Notes that we read, by the contract that leaves them; `file` is in several. */
export const NOTE = {
  init: noteTopic('init(bytes32)'),
  frob: noteTopic('frob(bytes32,address,address,address,int256,int256)'),
  fork: noteTopic('fork(bytes32,address,address,int256,int256)'),
  grab: noteTopic('grab(bytes32,address,address,address,int256,int256)'),
  fold: noteTopic('fold(bytes32,address,int256)'),
  /** Of the vat (spot, line, dust), spotter (mat), jug (duty) and dog (chop), for one ilk. */
  fileIlk: noteTopic('file(bytes32,bytes32,uint256)'),
  /** Of the spotter (par), for all. */
  file: noteTopic('file(bytes32,uint256)'),
  give: noteTopic('give(uint256,address)'),
} as const

const PREFIX = 2 + 2 * 64 + 8
const HEAD = `${'20'.padStart(64, '0')}${'e0'.padStart(64, '0')}`
const MAX_ARGUMENTS = 6

/** Throws UndecodableLog unless the log is a note of the function that its topic0 names. */
export function expectNote(log: RawLog, name: string): void {
  const selector = log.topics[0]?.slice(2, 10).toLowerCase()
  const data = log.data.toLowerCase()
  if (log.topics.length !== 4)
    throw new UndecodableLog(`${name}: expected 4 topics, found ${log.topics.length}`)
  if (data.length < 2 + 9 * 64) throw new UndecodableLog(`${name}: expected 288 bytes of data`)
  if (data.slice(2, 130) !== HEAD || data.slice(130, 138) !== selector)
    throw new UndecodableLog(`${name}: data is no calldata of it`)
}

/** Argument `index` (0 is the first) of a note, as 32 bytes. */
function argument(log: RawLog, index: number): string {
  if (index >= MAX_ARGUMENTS) throw new RangeError(`a note has ${MAX_ARGUMENTS} arguments, not ${index + 1}`)
  const hex = log.data.slice(PREFIX + index * 64, PREFIX + (index + 1) * 64).toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new UndecodableLog('not hexadecimal')
  return hex
}

export function noteBytes32(log: RawLog, index: number): Hex {
  return `0x${argument(log, index)}`
}

/** Contracts of Solidity 0.5 and later refuse addresses with dirty upper bytes, so none reaches a note. */
export function noteAddress(log: RawLog, index: number): Hex {
  const hex = argument(log, index)
  if (!hex.startsWith('0'.repeat(24))) throw new UndecodableLog('an address has dirty upper bytes')
  return `0x${hex.slice(24)}`
}

export function noteUint(log: RawLog, index: number): bigint {
  return BigInt(`0x${argument(log, index)}`)
}

export function noteInt(log: RawLog, index: number): bigint {
  return BigInt.asIntN(256, noteUint(log, index))
}

/** A name that Maker keeps in a bytes32: text padded with zeros. */
export function nameOf(bytes32: Hex): string {
  return Buffer.from(bytes32.slice(2).replace(/(00)+$/, ''), 'hex').toString('latin1')
}

/** The bytes32 of a name, such as ETH-A. */
export function bytes32Of(name: string): Hex {
  return `0x${Buffer.from(name, 'latin1').toString('hex').padEnd(64, '0')}`
}
