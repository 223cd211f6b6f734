/** Dollars and cents, for reasons and checks. */
export function usdText(value: number): string {
  return `$${value.toFixed(2)}`
}
