/** The wire under an endpoint: JSON-RPC text out, text in. Knows nothing of methods, chains or trust. */
import { RpcFailure } from './rpc-error'

export interface RpcCall {
  method: string
  params: readonly unknown[]
}

export interface Transport {
  /**
   * Sends one call; the text of its response object.
   * @throws RpcFailure of kind connection, timeout, rate-limit or too-large
   */
  send(call: RpcCall, timeoutMs: number): Promise<string>
  /** Sends calls together; their response objects, in the order of the calls. */
  sendBatch(calls: readonly RpcCall[], timeoutMs: number): Promise<unknown[]>
  /** Heads that the node announces, where the wire can carry them. Returns what ends it. */
  subscribeHeads?(listener: HeadListener): () => void
  close(): void
}

export interface HeadListener {
  /** The header, as the node sent it. */
  onHead(header: Record<string, unknown>): void
  /** Whether heads are being announced now. */
  onUp(up: boolean): void
}

export const MAX_RESPONSE_BYTES = 256 * 1024 * 1024

export function requestText(id: number, call: RpcCall): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"${call.method}","params":${JSON.stringify(call.params)}}`
}

/** Responses of a batch in the order of its ids. Nodes may answer in any order. */
export function inOrder(parsed: unknown, firstId: number, count: number): unknown[] {
  if (!Array.isArray(parsed)) {
    const error = (parsed as { error?: { message?: unknown } } | null)?.error
    throw new RpcFailure('unsupported', `no batches: ${String(error?.message ?? 'the answer is no list')}`)
  }
  const ordered = new Array<unknown>(count).fill(undefined)
  for (const response of parsed) {
    const id = Number((response as { id?: unknown } | null)?.id)
    if (id >= firstId && id < firstId + count) ordered[id - firstId] = response
  }
  if (ordered.includes(undefined)) throw new RpcFailure('refused', 'a call of the batch was not answered')
  return ordered
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RpcFailure('connection', `the answer is not JSON: ${text.slice(0, 60)}`)
  }
}
