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

export function wsTransport(url: string): Transport {
  const target = new URL(url)
  target.hash = ''
  const waiting = new Map<number, Waiting>()
  /** First id of a batch by each of its ids, because any response may come first. */
  const batchOf = new Map<number, number>()
  let listener: HeadListener | undefined
  let socket: WebSocket | undefined
  let opening: Promise<WebSocket> | undefined
  let reconnect: NodeJS.Timeout | undefined
  let pauseMs = FIRST_PAUSE_MS
  let lastId = 0
  let subscribeId = -1
  let closed = false

  function lose(reason: string): void {
    socket = undefined
    opening = undefined
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer)
      reject(new RpcFailure('connection', reason))
    }
    waiting.clear()
    batchOf.clear()
    if (listener === undefined || closed) return
    listener.onUp(false)
    clearTimeout(reconnect)
    reconnect = setTimeout(() => {
      connect().catch(() => undefined)
    }, pauseMs)
    pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)
  }

  function connect(): Promise<WebSocket> {
    if (opening !== undefined) return opening
    opening = new Promise((resolve, reject) => {
      const opened = new WebSocket(target, {
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
        if (opened === socket || socket === undefined) lose(reason)
      })
      opened.on('message', onMessage)
      opened.on('open', () => {
        socket = opened
        pauseMs = FIRST_PAUSE_MS
        if (listener) subscribe(opened)
        resolve(opened)
      })
    })
    return opening
  }

  function subscribe(to: WebSocket): void {
    subscribeId = ++lastId
    to.send(requestText(subscribeId, { method: 'eth_subscribe', params: ['newHeads'] }))
  }

  function onMessage(data: RawData): void {
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

  function exchange(key: number, body: string, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      // The time to connect counts too.
      const timer = setTimeout(() => {
        waiting.delete(key)
        reject(new RpcFailure('timeout', `no answer within ${timeoutMs} ms`))
      }, timeoutMs)
      waiting.set(key, { resolve, reject, timer })
      const send = (open: WebSocket): void => {
        if (waiting.has(key)) open.send(body)
      }
      if (socket?.readyState === WebSocket.OPEN) send(socket)
      // A connection that fails rejects all that wait for it.
      else connect().then(send, () => undefined)
    })
  }

  return {
    send(call, timeoutMs) {
      const id = ++lastId
      return exchange(id, requestText(id, call), timeoutMs)
    },
    async sendBatch(calls: readonly RpcCall[], timeoutMs) {
      const firstId = lastId + 1
      lastId += calls.length
      const ids = calls.map((_, i) => firstId + i)
      for (const id of ids) batchOf.set(id, firstId)
      const body = `[${calls.map((call, i) => requestText(firstId + i, call)).join(',')}]`
      try {
        return inOrder(parseJson(await exchange(firstId, body, timeoutMs)), firstId, calls.length)
      } finally {
        for (const id of ids) batchOf.delete(id)
      }
    },
    subscribeHeads(wanted) {
      listener = wanted
      if (socket?.readyState === WebSocket.OPEN) subscribe(socket)
      else connect().catch(() => undefined)
      return () => {
        listener = undefined
      }
    },
    close() {
      closed = true
      clearTimeout(reconnect)
      socket?.terminate()
      opening?.then((open) => open.terminate()).catch(() => undefined)
    },
  }
}
