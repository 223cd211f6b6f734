/**
 * Reports as EIP-712 typed data: what the signers sign and RiskOracle checks.
 *
 * A submission is what one quorum of signatures covers: either one report (bundleId zero) or all reports of a
 * group of coupled feeds, signed together so that no part of it can be applied alone. Chain and contract are in
 * the domain, so a signature is worth nothing elsewhere. https://eips.ethereum.org/EIPS/eip-712
 */
import { type Address, type Hex, hashTypedData, type LocalAccount, recoverAddress, zeroHash } from 'viem'

/** One value for one feed. Times are unix seconds, `value` has 8 decimals, `modelHash` is the model's SHA-256. */
export interface Report {
  feedId: Hex
  round: bigint
  observedAt: bigint
  expiresAt: bigint
  value: bigint
  previousValue: bigint
  confidenceBps: number
  modelHash: Hex
  bundleId: Hex
}

/** Reports that one set of signatures covers. `bundleId` zero means exactly one report, sent by `submit`. */
export interface Submission {
  bundleId: Hex
  reports: readonly Report[]
}

/** The contract a report is meant for. */
export interface OracleTarget {
  chainId: bigint
  contract: Address
}

const reportFields = [
  { name: 'feedId', type: 'bytes32' },
  { name: 'round', type: 'uint64' },
  { name: 'observedAt', type: 'uint64' },
  { name: 'expiresAt', type: 'uint64' },
  { name: 'value', type: 'int256' },
  { name: 'previousValue', type: 'int256' },
  { name: 'confidenceBps', type: 'uint16' },
  { name: 'modelHash', type: 'bytes32' },
  { name: 'bundleId', type: 'bytes32' },
] as const

const types = {
  Report: reportFields,
  Bundle: [
    { name: 'bundleId', type: 'bytes32' },
    { name: 'reports', type: 'Report[]' },
  ],
} as const

/** The EIP-712 domain of a RiskOracle. */
export function oracleDomain({ chainId, contract }: OracleTarget) {
  return { name: 'Plimsoll RiskOracle', version: '1', chainId, verifyingContract: contract }
}

/** The EIP-712 typed data of a submission, as viem and every wallet take it. Throws on a malformed submission. */
export function typedData(target: OracleTarget, submission: Submission) {
  const domain = oracleDomain(target)
  const { bundleId, reports } = submission
  const first = reports[0]
  if (first === undefined) throw new Error('a submission holds at least one report')
  if (reports.some((report) => report.bundleId !== bundleId)) {
    throw new Error(`every report of a submission names its bundle ${bundleId}`)
  }
  if (bundleId !== zeroHash) {
    return { domain, types, primaryType: 'Bundle' as const, message: { bundleId, reports } }
  }
  if (reports.length !== 1) throw new Error(`${reports.length} reports without a bundle id; one is allowed`)
  return { domain, types: { Report: reportFields }, primaryType: 'Report' as const, message: { ...first } }
}

/** The 32-byte digest that signatures are made over. */
export function submissionDigest(target: OracleTarget, submission: Submission): Hex {
  const data = typedData(target, submission)
  return data.primaryType === 'Bundle' ? hashTypedData(data) : hashTypedData(data)
}

/** Signs a submission with a local key; 65 bytes, low-s, as OpenZeppelin's ECDSA wants them. */
export function signSubmission(
  account: LocalAccount,
  target: OracleTarget,
  submission: Submission,
): Promise<Hex> {
  const data = typedData(target, submission)
  return data.primaryType === 'Bundle' ? account.signTypedData(data) : account.signTypedData(data)
}

const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/**
 * Whether a signature has the one form that the contract takes: 65 bytes, the lower s, recovery id 27 or 28. Others
 * recover to the same signer here, but make the contract refuse the whole submission.
 */
export function isCanonical(signature: Hex): boolean {
  return (
    /^0x[0-9a-fA-F]{128}1[bBcC]$/.test(signature) && BigInt(`0x${signature.slice(66, 130)}`) <= HALF_ORDER
  )
}

/** Address that signed the submission; some address for any well-formed signature, so compare it. */
export async function recoverSigner(
  target: OracleTarget,
  submission: Submission,
  signature: Hex,
): Promise<Address> {
  return recoverAddress({ hash: submissionDigest(target, submission), signature })
}
