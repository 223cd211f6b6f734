/**
 * What an asset moves with. A factor is a price of its own (ETH, BTC, LINK …); a family is a token together with its
 * wrappers and bridged forms (USDC, USDC.e, aUSDC); families of one factor move together until one of them breaks.
 *
 * By symbol, because chains and issuers are many and a symbol is all that they share: a symbol moves prices of a scenario
 * here, never a price that anybody is paid by.
 */

export interface AssetClass {
  factor: string
  family: string
  /** Pegged to the dollar: moves on its own, hardly, and with nothing else. */
  isStable: boolean
}

const ETH_FAMILIES: Readonly<Record<string, readonly string[]>> = {
  ETH: ['ETH', 'WETH'],
  STETH: ['STETH', 'WSTETH'],
  RETH: ['RETH'],
  CBETH: ['CBETH'],
  WEETH: ['EETH', 'WEETH'],
  EZETH: ['EZETH'],
  RSETH: ['RSETH', 'WRSETH'],
  OSETH: ['OSETH'],
  ETHX: ['ETHX'],
  METH: ['METH'],
  FRXETH: ['FRXETH', 'SFRXETH'],
  ANKRETH: ['ANKRETH'],
  SWETH: ['SWETH', 'RSWETH'],
  PUFETH: ['PUFETH'],
}

const BTC_FAMILIES: Readonly<Record<string, readonly string[]>> = {
  BTC: ['BTC'],
  WBTC: ['WBTC'],
  CBBTC: ['CBBTC'],
  TBTC: ['TBTC'],
  BTCB: ['BTCB'],
  RENBTC: ['RENBTC'],
  LBTC: ['LBTC'],
  FBTC: ['FBTC'],
}

const STABLE_FAMILIES: Readonly<Record<string, readonly string[]>> = {
  USDC: ['USDC', 'USDBC'],
  USDT: ['USDT', 'USDT0', 'USD₮0'],
  DAI: ['DAI', 'SDAI', 'XDAI', 'WXDAI'],
  USDS: ['USDS', 'SUSDS'],
  FRAX: ['FRAX', 'SFRAX', 'FRXUSD', 'SFRXUSD'],
  USDE: ['USDE', 'SUSDE'],
  CRVUSD: ['CRVUSD', 'SCRVUSD'],
  GHO: ['GHO', 'SGHO'],
  LUSD: ['LUSD'],
  SUSD: ['SUSD'],
  TUSD: ['TUSD'],
  BUSD: ['BUSD'],
  GUSD: ['GUSD'],
  USDP: ['USDP', 'PAX'],
  PYUSD: ['PYUSD'],
  RLUSD: ['RLUSD'],
  FDUSD: ['FDUSD'],
  MIM: ['MIM'],
  USDD: ['USDD'],
  UST: ['UST', 'USTC'],
  DEUSD: ['DEUSD', 'SDEUSD'],
  XUSD: ['XUSD'],
}

const OTHER_FAMILIES: Readonly<Record<string, readonly string[]>> = {
  MATIC: ['MATIC', 'WMATIC', 'POL', 'WPOL', 'STMATIC', 'MATICX'],
  AVAX: ['AVAX', 'WAVAX', 'SAVAX'],
  BNB: ['BNB', 'WBNB', 'SLISBNB'],
  SOL: ['SOL', 'WSOL', 'JITOSOL', 'MSOL'],
  HYPE: ['HYPE', 'WHYPE'],
  MKR: ['MKR', 'SKY'],
}

/** Prefixes and endings that wrap a token without changing what it is worth. */
const WRAPPINGS = [
  /\.e$/i,
  /^axl(?=[A-Z])/,
  /^any(?=[A-Z])/,
  /^m\.(?=.)/,
  /^a(?:Eth|Arb|Opt|Pol|Bas|Ava)?(?=[A-Z])/,
]

const CLASSES = classesBySymbol()

function classesBySymbol(): ReadonlyMap<string, AssetClass> {
  const classes = new Map<string, AssetClass>()
  const add = (families: typeof ETH_FAMILIES, factorOf: (family: string) => string, isStable: boolean) => {
    for (const [family, symbols] of Object.entries(families))
      for (const symbol of symbols) classes.set(symbol, { factor: factorOf(family), family, isStable })
  }
  add(ETH_FAMILIES, () => 'ETH', false)
  add(BTC_FAMILIES, () => 'BTC', false)
  add(STABLE_FAMILIES, (family) => family, true)
  add(OTHER_FAMILIES, (family) => family, false)
  return classes
}

/** The class of a symbol; one that is not listed is a factor and family of its own, and no stablecoin. */
export function assetClassOf(symbol: string): AssetClass {
  const known = CLASSES.get(symbol.toUpperCase())
  if (known !== undefined) return known
  for (const wrapping of WRAPPINGS) {
    const inner = symbol.replace(wrapping, '')
    const found = inner === symbol ? undefined : CLASSES.get(inner.toUpperCase())
    if (found !== undefined) return found
  }
  const name = symbol.toUpperCase()
  return { factor: name, family: name, isStable: false }
}
