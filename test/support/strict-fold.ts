/**
 * A fold in memory that is as strict as the processor's: an event may only use positions that `touches` declared, because
 * the processor loads no others.
 */

import { type FoldResult, foldLogs } from '../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import type { DecodeContext, Protocol, RawLog, StateView } from '../../src/protocols/types'

function strict(protocol: Protocol): Protocol {
  const { apply, touches } = protocol
  if (apply === undefined) return protocol
  return {
    ...protocol,
    apply(event, state, context) {
      const declared = new Set(
        touches?.(event).positions?.map(({ account, marketId }) => `${account}|${marketId}`),
      )
      const check = (account: string, marketId: string) => {
        if (!declared.has(`${account}|${marketId}`))
          throw new Error(
            `${protocol.name}: ${event.name} uses position ${account} in ${marketId} undeclared`,
          )
      }
      const view: StateView = {
        ...state,
        position(account, marketId) {
          check(account, marketId)
          return state.position(account, marketId)
        },
        setPosition(position) {
          check(position.account, position.marketId)
          state.setPosition(position)
        },
      }
      apply(event, view, context)
    },
  }
}

const STRICT = new Map([...PROTOCOLS_BY_TOPIC].map(([topic, protocols]) => [topic, protocols.map(strict)]))

/** Decodes and applies logs in order with every registered protocol. */
export function strictFold(logs: readonly RawLog[], state: StateView, context: DecodeContext): FoldResult {
  return foldLogs(logs, STRICT, state, context)
}
