/**
 * A JSON-RPC endpoint on the loopback, over WebSocket, for the hot tail: what evm-processor takes for the chain's node.
 * The answers are hot-answers.ts's; here are the wire, batches and subscriptions.
 */
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { messageOf } from '../errors'
import type { Head, Heads } from './heads'
import { type HotAnswers, type HotOptions, hotAnswers } from './hot-answers'
import { Refusal } from './hot-pass'
import { quantity } from './log-request'

export interface HotRpc {
  url: string
  /** Drops what was fetched with other filters. */
  forget(): void
  close(): Promise<void>
}

const MAX_REQUEST_BYTES = 16 * 1024 * 1024

interface Request {
  id: unknown
  method: string
  params: readonly unknown[]
}

/** Who is told of new heads. */
interface Subscriptions {
  ids: Map<WebSocket, Set<string>>
  last: number
}

function send(socket: WebSocket, text: string): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(text)
}

function announcement(id: string, { header }: Head): string {
  const { height, hash, parentHash, timestampSec } = header.ref
  return `{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"${id}","result":{"number":"${quantity(height)}","hash":"${hash}","parentHash":"${parentHash}","timestamp":"${quantity(timestampSec)}"}}}`
}

function subscribe(
  { heads, subscriptions }: { heads: Heads; subscriptions: Subscriptions },
  socket: WebSocket,
  topic: unknown,
): string {
  if (topic !== 'newHeads') throw new Refusal(-32602, 'only newHeads can be subscribed to')
  const id = quantity(++subscriptions.last)
  subscriptions.ids.get(socket)?.add(id)
  const head = heads.current()
  // After the reply, so that the subscriber knows the id.
  if (head) setImmediate(() => send(socket, announcement(id, head)))
  return id
}

interface Serving {
  heads: Heads
  answers: HotAnswers
  subscriptions: Subscriptions
}

async function respond(
  serving: Serving,
  socket: WebSocket,
  { id, method, params }: Request,
): Promise<string> {
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id ?? null)}`
  try {
    if (method === 'eth_subscribe') return `${head},"result":"${subscribe(serving, socket, params[0])}"}`
    if (method === 'eth_unsubscribe') {
      const ended = serving.subscriptions.ids.get(socket)?.delete(String(params[0])) ?? false
      return `${head},"result":${ended}}`
    }
    return `${head},"result":${await serving.answers.answer(method, params)}}`
  } catch (error) {
    const code = error instanceof Refusal ? error.code : -32000
    return `${head},"error":{"code":${code},"message":${JSON.stringify(messageOf(error))}}}`
  }
}

async function onMessage(serving: Serving, socket: WebSocket, text: string): Promise<void> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    send(socket, '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"not JSON"}}')
    return
  }
  const asked = (Array.isArray(parsed) ? parsed : [parsed]).map((entry: Partial<Request> | null) => ({
    id: entry?.id,
    method: String(entry?.method),
    params: Array.isArray(entry?.params) ? entry.params : [],
  }))
  const replies = await Promise.all(asked.map((entry) => respond(serving, socket, entry)))
  send(socket, Array.isArray(parsed) ? `[${replies.join(',')}]` : (replies[0] as string))
}

export async function startHotRpc(options: HotOptions): Promise<HotRpc> {
  const { heads } = options
  const answers = hotAnswers(options)
  const subscriptions: Subscriptions = { ids: new Map(), last: 0 }
  const serving = { heads, answers, subscriptions }
  // After the answers' own, so that a head is being fetched when it is announced.
  const stop = heads.subscribe((head) => {
    for (const [socket, ids] of subscriptions.ids) for (const id of ids) send(socket, announcement(id, head))
  })
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: false,
    maxPayload: MAX_REQUEST_BYTES,
    // Browsers send their origin; no page has business here.
    verifyClient: ({ req }: { req: IncomingMessage }) => req.headers.origin === undefined,
  })
  server.on('connection', (socket) => {
    subscriptions.ids.set(socket, new Set())
    socket.on('close', () => subscriptions.ids.delete(socket))
    socket.on('error', () => undefined)
    socket.on('message', (data) => void onMessage(serving, socket, data.toString()))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', resolve)
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forget: answers.forget,
    async close() {
      stop()
      answers.close()
      for (const socket of server.clients) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
