/**
 * Bridges that fail: which assets of a book each brought. A chain's own bridge (`bridge-arbitrum`) brought every token of
 * that chain but those issued there, and its ether; a bridge across chains is known by how its tokens are called.
 */
import { CHAINS } from '../../chains/registry'
import { badInput, numberAt } from '../network'
import { assetClassOf } from './asset-classes'
import { bridgeFailure } from './named'
import { around } from './named-shocks'
import type { ScenarioAsset, ScenarioContext, ScenarioDraft } from './scenario-set'

const BRIDGE = /^bridge-(.+?)(?:-(\d+(?:\.\d+)?))?$/

/** Bridges over many chains, by the symbols of what they mint. */
const BY_SYMBOL: Readonly<Record<string, RegExp>> = {
  axelar: /^axl[A-Z]/,
  multichain: /^any[A-Z]|^multi[A-Z]/,
  wormhole: /^wh[A-Z]|\(wormhole\)$/i,
}

/** Chains whose bridges we know, and what is issued on them rather than brought. */
const ISSUED_THERE: Readonly<Record<string, readonly string[]>> = {
  arbitrum: ['USDC', 'USDT', 'USDT0', 'USD₮0', 'ARB', 'GMX', 'GHO'],
  base: ['USDC', 'EURC', 'AERO', 'CBBTC', 'CBETH', 'GHO'],
  bsc: ['BNB', 'WBNB', 'CAKE', 'FDUSD'],
  optimism: ['USDC', 'OP', 'VELO', 'SUSD'],
  polygon: ['USDC', 'MATIC', 'WMATIC', 'POL', 'WPOL'],
}

/** `bridge-arbitrum`, `bridge-polygon-0.5`, `bridge-multichain`. */
export function bridgeDraft(name: string, context: ScenarioContext): ScenarioDraft | undefined {
  const match = BRIDGE.exec(name)
  if (match === null) return undefined
  const bridge = match[1]!
  const recovered = numberAt(Number(match[2] ?? 0), `recovered of ${name}`, { least: 0, most: 1 })
  const isBrought = broughtBy(bridge)
  if (isBrought === undefined)
    throw badInput(
      `no bridge is called ${bridge}`,
      `known: ${[...Object.keys(ISSUED_THERE), ...Object.keys(BY_SYMBOL)].join(', ')}`,
    )
  const isBridged = Uint8Array.from(context.assets, (asset) => (isBrought(asset) ? 1 : 0))
  const scale = bridgeFailure({ isBridged, recovered })
  return {
    ...around(context),
    scale,
    about: `what the bridge ${bridge} brought is worth ${recovered} of itself`,
  }
}

function broughtBy(bridge: string): ((asset: ScenarioAsset) => boolean) | undefined {
  const pattern = BY_SYMBOL[bridge]
  if (pattern !== undefined) return ({ symbol }) => pattern.test(symbol)
  const issued = Object.hasOwn(ISSUED_THERE, bridge) ? ISSUED_THERE[bridge] : undefined
  const chainId = CHAINS[bridge]?.id
  if (issued === undefined || chainId === undefined) return undefined
  return ({ id, symbol }) => id.startsWith(`${chainId}:`) && !issued.includes(issuedName(symbol))
}

/** A bridged form (`USDC.e`) is not what is issued there. */
function issuedName(symbol: string): string {
  const upper = symbol.toUpperCase()
  return assetClassOf(symbol).family === upper ? upper : symbol.endsWith('.e') ? '' : upper
}
