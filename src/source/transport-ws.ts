/** JSON-RPC over WebSocket: calls share one connection, which is made anew when it is lost; heads are announced on it. */
import { type RawData, WebSocket } from 'ws'
import { RpcFailure } from './rpc-error'
import {
  type HeadListener,
  inOrder,
  MAX_RESPONSE_BYTES,
  parseJson,
  type RpcCall,
  requestText,
  type Transport,
} from './transport'

const CONNECT_TIMEOUT_MS = 5_000
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 5_000

interface Waiting {
  resolve(text: string): void
  reject(error: RpcFailure): void
  timer: NodeJS.Timeout
}

/** The id of a response without parsing the whole: nodes put it before the result. */
function idOf(text: string): number | undefined {
  const head = /^\[?\{(?:"jsonrpc":"2\.0",)?"id":(\d+)/.exec(text.slice(0, 60))
  if (head) return Number(head[1])
  const parsed = parseJson(text)
  const ids = (Array.isArray(parsed) ? parsed : [parsed]).map((entry) =>
    Number((entry as { id?: unknown })?.id),
  )
  return ids.find((id) => Number.isSafeInteger(id) && id > 0)
}

interface Wire {
  target: URL
  waiting: Map<number, Waiting>
  /** First id of a batch by each of its ids, because any response may come first. */
  batchOf: Map<number, number>
  listener: HeadListener | undefined
  socket: WebSocket | undefined
  opening: Promise<WebSocket> | undefined
  reconnect: NodeJS.Timeout | undefined
  pauseMs: number
  lastId: number
  subscribeId: number
  closed: boolean
}

function lose(wire: Wire, reason: string): void {
  wire.socket = undefined
  wire.opening = undefined
  for (const { reject, timer } of wire.waiting.values()) {
    clearTimeout(timer)
    reject(new RpcFailure('connection', reason))
  }
  wire.waiting.clear()
  wire.batchOf.clear()
  if (wire.listener === undefined || wire.closed) return
  wire.listener.onUp(false)
  clearTimeout(wire.reconnect)
  wire.reconnect = setTimeout(() => {
    connect(wire).catch(() => undefined)
  }, wire.pauseMs)
  wire.pauseMs = Math.min(wire.pauseMs * 2, MAX_PAUSE_MS)
}

function connect(wire: Wire): Promise<WebSocket> {
  wire.opening ??= new Promise((resolve, reject) => {
    const opened = new WebSocket(wire.target, {
      perMessageDeflate: false,
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      maxPayload: MAX_RESPONSE_BYTES,
    })
    let reason = 'the connection was lost'
    opened.on('error', (error) => {
      const code = (error as { code?: unknown }).code
      reason = `cannot be reached: ${typeof code === 'string' ? code : error.message}`
    })
    opened.on('close', () => {
      reject(new RpcFailure('connection', reason))
      if (opened === wire.socket || wire.socket === undefined) lose(wire, reason)
    })
    opened.on('message', (data) => onMessage(wire, data))
    opened.on('open', () => {
      wire.socket = opened
      wire.pauseMs = FIRST_PAUSE_MS
      if (wire.listener) subscribe(wire, opened)
      resolve(opened)
    })
  })
  return wire.opening
}

function subscribe(wire: Wire, to: WebSocket): void {
  wire.subscribeId = ++wire.lastId
  to.send(requestText(wire.subscribeId, { method: 'eth_subscribe', params: ['newHeads'] }))
}

function onMessage({ listener, subscribeId, batchOf, waiting }: Wire, data: RawData): void {
  const text = (data as Buffer).toString('utf8')
  if (text.startsWith('{') && text.slice(0, 80).includes('"eth_subscription"')) {
    const message = parseJson(text) as { params?: { result?: Record<string, unknown> } }
    if (message.params?.result) listener?.onHead(message.params.result)
    return
  }
  const id = idOf(text)
  if (id === undefined) return
  if (id === subscribeId) {
    listener?.onUp(!text.includes('"error"'))
    return
  }
  const key = batchOf.get(id) ?? id
  const entry = waiting.get(key)
  if (!entry) return
  waiting.delete(key)
  clearTimeout(entry.timer)
  entry.resolve(text)
}

/** Sends a body; the response that comes under `key`. */
function exchange(
  wire: Wire,
  key: number,
  { body, timeoutMs }: { body: string; timeoutMs: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    // The time to connect counts too.
    const timer = setTimeout(() => {
      wire.waiting.delete(key)
      reject(new RpcFailure('timeout', `no answer within ${timeoutMs} ms`))
    }, timeoutMs)
    wire.waiting.set(key, { resolve, reject, timer })
    const send = (open: WebSocket): void => {
      if (wire.waiting.has(key)) open.send(body)
    }
    if (wire.socket?.readyState === WebSocket.OPEN) send(wire.socket)
    // A connection that fails rejects all that wait for it.
    else connect(wire).then(send, () => undefined)
  })
}

async function exchangeBatch(wire: Wire, calls: readonly RpcCall[], timeoutMs: number): Promise<unknown[]> {
  const firstId = wire.lastId + 1
  wire.lastId += calls.length
  const ids = calls.map((_, i) => firstId + i)
  for (const id of ids) wire.batchOf.set(id, firstId)
  const body = `[${calls.map((call, i) => requestText(firstId + i, call)).join(',')}]`
  try {
    const text = await exchange(wire, firstId, { body, timeoutMs })
    return inOrder(parseJson(text), firstId, calls.length)
  } finally {
    for (const id of ids) wire.batchOf.delete(id)
  }
}

export function wsTransport(url: string): Transport {
  const target = new URL(url)
  target.hash = ''
  const wire: Wire = {
    target,
    waiting: new Map(),
    batchOf: new Map(),
    listener: undefined,
    socket: undefined,
    opening: undefined,
    reconnect: undefined,
    pauseMs: FIRST_PAUSE_MS,
    lastId: 0,
    subscribeId: -1,
    closed: false,
  }
  return {
    send(call, timeoutMs) {
      const id = ++wire.lastId
      return exchange(wire, id, { body: requestText(id, call), timeoutMs })
    },
    sendBatch: (calls, timeoutMs) => exchangeBatch(wire, calls, timeoutMs),
    subscribeHeads(wanted) {
      wire.listener = wanted
      if (wire.socket?.readyState === WebSocket.OPEN) subscribe(wire, wire.socket)
      else connect(wire).catch(() => undefined)
      return () => {
        wire.listener = undefined
      }
    },
    close() {
      wire.closed = true
      clearTimeout(wire.reconnect)
      wire.socket?.terminate()
      wire.opening?.then((open) => open.terminate()).catch(() => undefined)
    },
  }
}
