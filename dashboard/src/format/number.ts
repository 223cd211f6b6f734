/** Numbers as people read them, always with their unit. Null, NaN and infinity become a dash: unknown, not zero. */

const unknown = '—'
const compactUsd = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  notation: 'compact',
  maximumSignificantDigits: 3,
})
const exactUsd = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `$1.24M`, for columns and headlines. */
export function usd(value: number | null | undefined): string {
  if (!finite(value)) return unknown
  if (value !== 0 && Math.abs(value) < 0.01) return '<$0.01'
  return compactUsd.format(value)
}

/** `$1,240,312.55`, for hovers and details. */
export function usdExact(value: number | null | undefined): string {
  return finite(value) ? exactUsd.format(value) : unknown
}

/** A price of one whole token: more digits the smaller it is. */
export function price(value: number | null | undefined): string {
  if (!finite(value)) return unknown
  const digits = value >= 1_000 ? 0 : value >= 10 ? 2 : value >= 0.01 ? 4 : 8
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: Math.min(digits, 2),
    maximumFractionDigits: digits,
  }).format(value)
}

/** `12,044`. Accepts the decimal strings of BigInt scalars without losing digits. */
export function count(value: number | string | null | undefined): string {
  if (typeof value === 'string') return /^-?\d+$/.test(value) ? whole.format(BigInt(value)) : unknown
  return finite(value) ? whole.format(value) : unknown
}

/** `13 %` from 0.13; one digit below 10 %, or where `fine` asks for it. */
export function percent(fraction: number | null | undefined, fine = false): string {
  if (!finite(fraction)) return unknown
  const value = fraction * 100
  if (value !== 0 && Math.abs(value) < 0.1) return '<0.1 %'
  return `${value.toFixed((fine || Math.abs(value) < 10) && !Number.isInteger(value) ? 1 : 0)} %`
}

/** A health factor: three digits near the line, fewer far from it. */
export function healthFactor(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return unknown
  if (value >= 100) return '>100'
  return value.toFixed(value < 2 ? 3 : value < 10 ? 2 : 1)
}

/** A score of 0..1 with two digits; tiny ones are not shown as zero. */
export function score(value: number | null | undefined): string {
  if (!finite(value)) return unknown
  if (value > 0 && value < 0.005) return '<0.01'
  if (value < 1 && value > 0.995) return '>0.99'
  return value.toFixed(2)
}

/** A bare number: at most three meaningful digits, or all of an integer's; a real minus sign. */
export function plain(value: number | null | undefined): string {
  if (!finite(value)) return unknown
  const digits = Number.isInteger(value) ? {} : { maximumSignificantDigits: 3 }
  return new Intl.NumberFormat('en-US', digits).format(value).replace('-', '−')
}

/** Base units as whole tokens, from the decimal string, digits kept exactly: ('1500000', 6) → '1.5'. */
export function tokens(baseUnits: string, decimals: number | null): string {
  if (!/^-?\d+$/.test(baseUnits)) return unknown
  if (decimals === null || decimals < 0 || decimals > 255) return `${count(baseUnits)} base units`
  const negative = baseUnits.startsWith('-')
  const digits = (negative ? baseUnits.slice(1) : baseUnits).padStart(decimals + 1, '0')
  const integer = digits.slice(0, digits.length - decimals)
  const fraction = decimals === 0 ? '' : digits.slice(-decimals).replace(/0+$/, '')
  const shown = BigInt(integer) >= 1_000n ? fraction.slice(0, 2) : fraction.slice(0, 6)
  const sign = negative ? '−' : ''
  const cut = shown.replace(/0+$/, '')
  if (integer === '0' && cut === '' && fraction !== '') return `${sign}<0.000001`
  return `${sign}${whole.format(BigInt(integer))}${cut === '' ? '' : `.${cut}`}`
}

function finite(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
