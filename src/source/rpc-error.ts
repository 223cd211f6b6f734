/**
 * What went wrong with a call, in the few kinds that call for different answers. Providers agree neither on codes nor
 * on words, so both are read; the lists below are messages of Infura, Alchemy, QuickNode, Ankr, dRPC, Erigon, Geth,
 * Nethermind, Besu, Reth and anvil.
 */
import { redactUrls } from '../errors'

export type RpcFailureKind =
  | 'too-large'
  | 'rate-limit'
  | 'timeout'
  | 'connection'
  | 'behind'
  | 'unsupported'
  | 'refused'

/** A call that failed. The message is fit to be shown: it never has the endpoint's URL. */
export class RpcFailure extends Error {
  readonly kind: RpcFailureKind
  readonly code: number | undefined
  /** Blocks that the endpoint said it would take. */
  readonly suggestedBlocks: number | undefined
  readonly retryAfterMs: number | undefined

  constructor(
    kind: RpcFailureKind,
    message: string,
    more: { code?: number; suggestedBlocks?: number | undefined; retryAfterMs?: number } = {},
  ) {
    super(redactUrls(message).slice(0, 300))
    this.name = 'RpcFailure'
    this.kind = kind
    this.code = more.code
    this.suggestedBlocks = more.suggestedBlocks
    this.retryAfterMs = more.retryAfterMs
  }
}

const TOO_LARGE = [
  /query returned more than/i,
  /more than \d+ (results|logs)/i,
  /too many (results|logs|blocks|events)/i,
  /(block|blocks)[ _-]?range/i,
  /range (is )?(too|exceed|larger|over|limit)/i,
  /exceeds? (the )?(max|maximum|limit|range)[^.]*(block|range|results|logs)/i,
  /limited to (a )?[\d,]+[ -]?(blocks?|results|range)/i,
  /response (size|is too|too|body|exceed)/i,
  /(result|content|payload|body)[^.]*too (large|big)/i,
  /log response size/i,
  /query (timeout|timed out|exceeds|is too)/i,
  /max(imum)? (results?|logs?|response|block)/i,
  /up to a [\d,]+ block/i,
]

const RATE_LIMIT = [
  /rate[ -]?limit/i,
  /too many requests/i,
  /(request|capacity|credits?|compute units|throughput|quota)[^.]*(exceed|limit|exhaust)/i,
  /daily (request|limit)/i,
  /slow down/i,
]

const TIMEOUT = [
  /time(d)?[ -]?out/i,
  /deadline exceeded/i,
  /execution aborted/i,
  /context (deadline|canceled)/i,
]

const BEHIND = [
  /header not found/i,
  /unknown block/i,
  /block not found/i,
  /after last accepted block/i,
  /unfinalized data/i,
  /beyond (the )?(head|latest)/i,
  /invalid block range params/i,
]

const UNSUPPORTED = [
  /method (not|does not)/i,
  /(not|un)[ -]?(supported|available|implemented)/i,
  /whitelist/i,
]

function matches(patterns: readonly RegExp[], message: string): boolean {
  return patterns.some((pattern) => pattern.test(message))
}

/** Blocks that a refusal offers: "try with this block range [0x1, 0x2]", "max block range 10000", "up to a 2,000 block range". */
export function suggestedBlocks(message: string): number | undefined {
  const range = /\[(0x[0-9a-f]+), ?(0x[0-9a-f]+)\]/i.exec(message)
  if (range?.[1] && range[2]) {
    const blocks = Number(range[2]) - Number(range[1]) + 1
    return blocks > 0 ? blocks : undefined
  }
  const words =
    /(?:range|limited to|up to|maximum|max|than)[^\d[]{0,40}([\d,]{1,9})(?![\d,]*\s*(?:results|logs|mb|kb|bytes))/i.exec(
      message,
    )
  const count = Number(words?.[1]?.replaceAll(',', ''))
  return Number.isSafeInteger(count) && count > 0 && /block/i.test(message) ? count : undefined
}

/** The failure that a JSON-RPC error object stands for. */
export function failureOfError(error: { code?: unknown; message?: unknown; data?: unknown }): RpcFailure {
  const code = typeof error.code === 'number' ? error.code : undefined
  const detail = typeof error.data === 'string' ? ` ${error.data}` : ''
  const message = `${String(error.message ?? 'no message')}${detail}`
  const make = (kind: RpcFailureKind) =>
    new RpcFailure(kind, message, {
      ...(code !== undefined && { code }),
      suggestedBlocks: suggestedBlocks(message),
    })
  if (matches(BEHIND, message)) return make('behind')
  // A missing method is said with one code everywhere; but the replay yardstick and others use it for anything.
  if (matches(TOO_LARGE, message)) return make('too-large')
  if (matches(RATE_LIMIT, message) || code === 429) return make('rate-limit')
  // -32005 is "limit exceeded": of requests where the words above say so, of results otherwise (Infura, Besu).
  if (code === -32005) return make('too-large')
  if (matches(TIMEOUT, message)) return make('timeout')
  if (code === -32601 || code === -32004 || matches(UNSUPPORTED, message)) return make('unsupported')
  return make('refused')
}

/** The failure that an HTTP status other than 200 stands for. */
export function failureOfStatus(status: number, body: string, retryAfter: string | undefined): RpcFailure {
  const text = `HTTP status ${status}${body === '' ? '' : `: ${body.slice(0, 120)}`}`
  if (status === 413 || (status === 400 && matches(TOO_LARGE, body))) {
    return new RpcFailure('too-large', text, { suggestedBlocks: suggestedBlocks(body) })
  }
  if (status === 429 || status === 402) {
    const seconds = Number(retryAfter)
    return new RpcFailure(
      'rate-limit',
      text,
      Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: Math.min(seconds, 300) * 1000 } : {},
    )
  }
  if (status === 408 || status === 504) return new RpcFailure('timeout', text)
  if (status === 404 || status === 405) return new RpcFailure('unsupported', text)
  if (status === 401 || status === 403) return new RpcFailure('refused', `${text} (is the key right?)`)
  return new RpcFailure(status >= 500 ? 'connection' : 'refused', text)
}

/** What an endpoint did that an honest one does not do. */
export type LieKind =
  | 'wrong-chain'
  | 'head-backwards'
  | 'outside-request'
  | 'disorder'
  | 'not-in-bloom'
  | 'missing-logs'
  | 'hash-mismatch'
  | 'parent-mismatch'
  | 'receipts-root'
  | 'malformed'
  | 'outvoted'

/** Of these the answer itself is the proof; the others may be a load balancer that mixes nodes, and are forgiven in time. */
const PROVEN: ReadonlySet<LieKind> = new Set([
  'wrong-chain',
  'outside-request',
  'not-in-bloom',
  'receipts-root',
  'outvoted',
])

export class EndpointLie extends Error {
  readonly kind: LieKind
  readonly proven: boolean
  constructor(kind: LieKind, message: string) {
    super(message)
    this.name = 'EndpointLie'
    this.kind = kind
    this.proven = PROVEN.has(kind)
  }
}
