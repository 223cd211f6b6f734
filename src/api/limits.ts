/**
 * What a request may ask for. Every limit has a number here; a request beyond one gets an error that names it.
 *
 * Document limits come from graphql-armor. Arguments are checked here, because openreader hands them to SQL: page
 * sizes must not be negative, filters must not nest without end, and PostgreSQL's text knows no NUL.
 */
import { costLimitPlugin } from '@escape.tech/graphql-armor-cost-limit'
import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases'
import { maxDepthPlugin } from '@escape.tech/graphql-armor-max-depth'
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens'
import { type DocumentNode, type GraphQLError, Kind, type ValueNode, visit } from 'graphql'
import { createGraphQLError, type Plugin } from 'graphql-yoga'

export interface ApiLimits {
  /** Bytes of a request's body. */
  maxBodyBytes: number
  maxTokens: number
  maxDepth: number
  maxAliases: number
  maxCost: number
  /** Values an entity query may return at most, by its shape and page sizes. */
  maxResponseNodes: number
  /** limit and first of an entity list; what multiplies is bounded by maxResponseNodes. */
  maxPageRows: number
  maxOffsetRows: number
  /** Nesting of filters, and of variables. */
  maxInputDepth: number
  /** Values in the variables of one request. */
  maxInputValues: number
  /** Time for one operation, its SQL included. */
  operationTimeoutMs: number
  maxSubscriptions: number
  /** Messages that may wait for one subscriber before it is dropped. */
  maxQueued: number
  maxConnections: number
}

export const DEFAULT_LIMITS: ApiLimits = {
  maxBodyBytes: 100_000,
  maxTokens: 2_000,
  maxDepth: 14,
  maxAliases: 30,
  maxCost: 10_000,
  maxResponseNodes: 10_000,
  maxPageRows: 10_000,
  maxOffsetRows: 1_000_000,
  maxInputDepth: 12,
  maxInputValues: 2_000,
  operationTimeoutMs: 10_000,
  maxSubscriptions: 1_000,
  maxQueued: 256,
  maxConnections: 2_000,
}

/** Yoga plugins that hold the limits, for HTTP and WebSocket alike. */
export function limitPlugins(limits: ApiLimits): Plugin[] {
  return [
    maxTokensPlugin({ n: limits.maxTokens }) as Plugin,
    maxDepthPlugin({ n: limits.maxDepth }) as Plugin,
    maxAliasesPlugin({ n: limits.maxAliases }) as Plugin,
    costLimitPlugin({ maxCost: limits.maxCost }) as Plugin,
    inputLimits(limits),
  ]
}

function inputLimits(limits: ApiLimits): Plugin {
  const known = new WeakMap<DocumentNode, DocumentInput>()
  function refusal(document: DocumentNode, variables: unknown): GraphQLError | undefined {
    let input = known.get(document)
    if (!input) {
      input = readDocument(document, limits)
      known.set(document, input)
    }
    const values = (variables ?? {}) as Record<string, unknown>
    const fault = input.fault ?? variablesFault(values, limits) ?? pageFault(input.pages, values, limits)
    return fault === undefined
      ? undefined
      : createGraphQLError(fault, { extensions: { code: 'BAD_USER_INPUT' } })
  }
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const error = refusal(args.document, args.variableValues)
      if (error) setResultAndStopExecution({ errors: [error] })
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const error = refusal(args.document, args.variableValues)
      if (error) setResultAndStopExecution({ errors: [error] })
    },
  }
}

interface DocumentInput {
  fault: string | undefined
  /** Variables that stand for a page size. */
  pages: { argument: string; variable: string }[]
}

const PAGE_ARGUMENTS = new Set(['limit', 'first', 'offset', 'points'])
const NUL = 'text must not contain NUL (U+0000)'

function readDocument(document: DocumentNode, limits: ApiLimits): DocumentInput {
  const pages: DocumentInput['pages'] = []
  let fault: string | undefined
  let depth = 0
  visit(document, {
    Argument(node) {
      if (!PAGE_ARGUMENTS.has(node.name.value)) return
      const argument = node.name.value
      if (node.value.kind === Kind.VARIABLE) pages.push({ argument, variable: node.value.name.value })
      else fault ??= pageSizeFault(argument, literal(node.value), limits)
    },
    VariableDefinition(node) {
      // A default stands for a page size as much as a value does; its own bounds are those of the strictest argument.
      if (node.defaultValue?.kind === Kind.INT && node.defaultValue.value.startsWith('-')) {
        const name = node.variable.name.value
        if (usedAsPage(document, name)) fault ??= `$${name} must not be negative`
      }
    },
    StringValue(node) {
      if (node.value.includes('\0')) fault ??= NUL
    },
    ObjectValue: {
      enter() {
        if (++depth > limits.maxInputDepth)
          fault ??= `filters nest deeper than ${limits.maxInputDepth} levels`
      },
      leave() {
        depth--
      },
    },
  })
  return { fault, pages }
}

function usedAsPage(document: DocumentNode, variable: string): boolean {
  let used = false
  visit(document, {
    Argument(node) {
      used ||=
        PAGE_ARGUMENTS.has(node.name.value) &&
        node.value.kind === Kind.VARIABLE &&
        node.value.name.value === variable
    },
  })
  return used
}

function literal(node: ValueNode): unknown {
  return node.kind === Kind.INT ? Number(node.value) : undefined
}

function pageFault(
  pages: DocumentInput['pages'],
  variables: Record<string, unknown>,
  limits: ApiLimits,
): string | undefined {
  for (const { argument, variable } of pages) {
    const fault = pageSizeFault(argument, variables[variable], limits)
    if (fault !== undefined) return fault
  }
  return undefined
}

function pageSizeFault(argument: string, value: unknown, limits: ApiLimits): string | undefined {
  if (typeof value !== 'number') return undefined
  if (value < 0) return `${argument} must not be negative`
  const most = argument === 'offset' ? limits.maxOffsetRows : limits.maxPageRows
  return value > most ? `${argument} must be at most ${most}; read further pages instead` : undefined
}

/** Walks the variables without recursion: they may be nested as deep as the body is long. */
function variablesFault(variables: Record<string, unknown>, limits: ApiLimits): string | undefined {
  const waiting: { value: unknown; depth: number }[] = [{ value: variables, depth: 0 }]
  let seen = 0
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (++seen > limits.maxInputValues) return `variables hold more than ${limits.maxInputValues} values`
    if (typeof next.value === 'string' && next.value.includes('\0')) return NUL
    if (typeof next.value !== 'object' || next.value === null) continue
    if (next.depth > limits.maxInputDepth) return `variables nest deeper than ${limits.maxInputDepth} levels`
    for (const [key, value] of Object.entries(next.value)) {
      if (key.includes('\0')) return NUL
      waiting.push({ value, depth: next.depth + 1 })
      if (waiting.length > limits.maxInputValues)
        return `variables hold more than ${limits.maxInputValues} values`
    }
  }
  return undefined
}
