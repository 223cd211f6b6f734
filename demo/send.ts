/**
 * Signs and sends the calls of one turn. One wallet is one sequential queue, so nonces cannot race; a wallet
 * whose transaction is refused drops the rest of its turn and the others go on.
 */
import type { Hex } from 'viem'
import { demoAccount } from './accounts'
import type { Call } from './calls'
import type { WorldClient } from './client'
import { MAX_FEE_WEI } from './deployer'

export type SendResult = { hashes: Hex[]; refused: { call: Call; reason: string }[] }

/** Sends in the given order; the order is also the order in the block (anvil runs with `--order fifo`). */
export async function sendCalls(client: WorldClient, calls: readonly Call[]): Promise<SendResult> {
  const senders = [...new Set(calls.map(({ from }) => from))]
  const counts = await Promise.all(
    senders.map((index) =>
      client.getTransactionCount({ address: demoAccount(index).address, blockTag: 'pending' }),
    ),
  )
  const nonces = new Map(senders.map((index, row) => [index, counts[row]!]))
  const result: SendResult = { hashes: [], refused: [] }
  const stopped = new Set<number>()
  for (const call of calls) {
    if (stopped.has(call.from)) continue
    const nonce = nonces.get(call.from)!
    try {
      result.hashes.push(await sendOne(client, call, nonce))
      nonces.set(call.from, nonce + 1)
    } catch (error) {
      stopped.add(call.from)
      result.refused.push({
        call,
        reason: error instanceof Error ? error.message.split('\n')[0]! : String(error),
      })
    }
  }
  return result
}

async function sendOne(client: WorldClient, call: Call, nonce: number): Promise<Hex> {
  const serializedTransaction = await demoAccount(call.from).signTransaction({
    type: 'eip1559',
    chainId: client.chain?.id ?? 0,
    nonce,
    to: call.to,
    data: call.data,
    value: call.valueWei,
    gas: call.gas,
    maxFeePerGas: MAX_FEE_WEI,
    maxPriorityFeePerGas: 1n,
  })
  return client.sendRawTransaction({ serializedTransaction })
}
