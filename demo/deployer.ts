/**
 * Sends set-up transactions in a fixed order and mines them in batches.
 *
 * Addresses follow from (sender, nonce), so a fixed order is what makes them constants. Transactions are signed
 * here with explicit gas and nonces: nothing is estimated, nothing depends on timing.
 */
import {
  type Abi,
  type Address,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
} from 'viem'
import { demoAccount } from './accounts'
import type { Artifact } from './artifacts'
import type { WorldClient } from './client'

const SETUP_GAS = 30_000_000n
export const MAX_FEE_WEI = 100_000_000_000n

export type CallRequest = {
  from?: number
  to: Address
  abi: Abi
  name: string
  args?: readonly unknown[]
  valueWei?: bigint
}

export type Deployer = {
  client: WorldClient
  /** The sender of everything that names no other: account 0. */
  admin: Address
  /** Queues a creation by the admin and returns the address it will have. */
  deploy: (artifact: Artifact, args?: readonly unknown[]) => Promise<Address>
  /** Queues a call; `from` is an account index, default the admin. */
  call: (request: CallRequest) => Promise<void>
  /** Mines what is queued into one block. Throws with the label of the first transaction that failed. */
  flush: () => Promise<void>
}

type Pending = { hash: Hex; label: string }

/** `nextTimestampSec`, when given, is asked for the time of every mined block. */
export async function createDeployer(
  client: WorldClient,
  nextTimestampSec?: () => number,
): Promise<Deployer> {
  const nonces = new Map<number, number>()
  const pending: Pending[] = []

  async function nonceOf(index: number): Promise<number> {
    const known = nonces.get(index)
    const nonce = known ?? (await client.getTransactionCount({ address: demoAccount(index).address }))
    nonces.set(index, nonce + 1)
    return nonce
  }

  async function send(index: number, tx: { to?: Address; data: Hex; valueWei?: bigint; label: string }) {
    const account = demoAccount(index)
    const nonce = await nonceOf(index)
    const raw = await account.signTransaction({
      type: 'eip1559',
      chainId: client.chain?.id ?? 0,
      nonce,
      to: tx.to ?? null,
      data: tx.data,
      value: tx.valueWei ?? 0n,
      gas: SETUP_GAS,
      maxFeePerGas: MAX_FEE_WEI,
      maxPriorityFeePerGas: 1n,
    })
    pending.push({ hash: await client.sendRawTransaction({ serializedTransaction: raw }), label: tx.label })
    return getContractAddress({ from: account.address, nonce: BigInt(nonce) })
  }

  return {
    client,
    admin: demoAccount(0).address,
    deploy: (artifact, args = []) =>
      send(0, {
        data: encodeDeployData({ abi: artifact.abi, bytecode: artifact.bytecode, args }),
        label: 'creation',
      }),
    call: async ({ from = 0, to, abi, name, args = [], valueWei = 0n }) => {
      const data = encodeFunctionData({ abi, functionName: name, args })
      await send(from, { to, data, valueWei, label: name })
    },
    flush: async () => {
      if (nextTimestampSec) await client.setNextBlockTimestamp({ timestamp: BigInt(nextTimestampSec()) })
      await client.mine({ blocks: 1 })
      await assertSucceeded(client, pending.splice(0))
    },
  }
}

async function assertSucceeded(client: WorldClient, sent: Pending[]): Promise<void> {
  const receipts = await Promise.all(sent.map(({ hash }) => client.getTransactionReceipt({ hash })))
  receipts.forEach((receipt, index) => {
    if (receipt.status === 'success') return
    throw new Error(
      `set-up of the local world failed in ${sent[index]?.label} (transaction ${receipt.transactionHash})`,
    )
  })
}
