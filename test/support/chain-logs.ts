/** Reads whole blocks from a JSON-RPC node as the raw logs that decoders take. */
import type { Hex } from '../../src/chains/types'
import type { BlockRef, RawLog } from '../../src/protocols/types'

interface Requester {
  request(call: never): Promise<unknown>
}

interface RpcBlock {
  hash: Hex
  parentHash: Hex
  timestamp: Hex
}
interface RpcLog {
  address: Hex
  topics: Hex[]
  data: Hex
  logIndex: Hex
  transactionIndex: Hex
  transactionHash: Hex
}

/** All logs of one block, in order, with the block they stand in. */
export async function blockLogs(
  client: Requester,
  chainId: number,
  height: number,
): Promise<{ block: BlockRef; logs: RawLog[] }> {
  const at = `0x${height.toString(16)}`
  const block = (await client.request({
    method: 'eth_getBlockByNumber',
    params: [at, false],
  } as never)) as RpcBlock
  const found = (await client.request({
    method: 'eth_getLogs',
    params: [{ fromBlock: at, toBlock: at }],
  } as never)) as RpcLog[]
  const ref: BlockRef = {
    chainId,
    height,
    hash: block.hash,
    parentHash: block.parentHash,
    timestampSec: Number(block.timestamp),
  }
  const logs = found.map((log) => ({
    block: ref,
    logIndex: Number(log.logIndex),
    txIndex: Number(log.transactionIndex),
    txHash: log.transactionHash,
    address: log.address.toLowerCase() as Hex,
    topics: log.topics,
    data: log.data,
  }))
  return { block: ref, logs }
}
