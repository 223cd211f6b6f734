/** Plain-language names of models and their inputs. A feature without an entry shows its own name as words. */
import { healthFactor, plain, usd } from './number'
import { chainText, words } from './text'
import { duration } from './time'

type Unit = 'min' | 'sec' | 'eth' | 'usd' | 'percent' | 'bps' | 'exp' | 'sigma' | 'health' | 'number'

const features: Readonly<Record<string, readonly [label: string, unit: Unit]>> = {
  avgSentGapMin: ['Average time between payments sent', 'min'],
  avgReceivedGapMin: ['Average time between payments received', 'min'],
  spanMin: ['Time from first to last transaction', 'min'],
  sentCount: ['Transactions sent', 'number'],
  receivedCount: ['Transactions received', 'number'],
  createdCount: ['Contracts created', 'number'],
  uniqueSendersCount: ['Different senders', 'number'],
  uniqueRecipientsCount: ['Different recipients', 'number'],
  minReceivedEth: ['Smallest amount received', 'eth'],
  maxReceivedEth: ['Largest amount received', 'eth'],
  avgReceivedEth: ['Average amount received', 'eth'],
  minSentEth: ['Smallest amount sent', 'eth'],
  maxSentEth: ['Largest amount sent', 'eth'],
  avgSentEth: ['Average amount sent', 'eth'],
  transactionCount: ['Transactions in all', 'number'],
  totalSentEth: ['Total sent', 'eth'],
  totalReceivedEth: ['Total received', 'eth'],
  netEth: ['Received minus sent', 'eth'],
  logHealthFactor: ['Health factor', 'exp'],
  healthFactor: ['Health factor', 'health'],
  volatility: ['Volatility of the health factor, a year', 'percent'],
  distance30d: ['Distance to liquidation over 30 days', 'sigma'],
  firstPassage30d: ['Chance that prices alone cross the line in 30 days', 'percent'],
  distanceRoot30d: ['Distance to liquidation over 30 days, its root', 'number'],
  chosenDistanceRoot30d: ['That distance when the owner last acted, its root', 'number'],
  youth: ['Newness of the position, 1 on its first day', 'percent'],
  loanToValue: ['Debt per collateral', 'percent'],
  leverage: ['Debt per collateral', 'percent'],
  priceConfidence: ['Confidence in the prices', 'percent'],
}

/** Units that a name carries as its last word. */
const suffixes: readonly [RegExp, Unit][] = [
  [/Usd$/, 'usd'],
  [/Eth$/, 'eth'],
  [/Sec$/, 'sec'],
  [/Min$/, 'min'],
  [/Bps$/, 'bps'],
  [/(Fraction|Share)$/, 'percent'],
]

function wordsOf(name: string): readonly [string, Unit] {
  const known = Object.hasOwn(features, name) ? features[name] : undefined
  if (known !== undefined) return known
  const [suffix, unit] = suffixes.find(([pattern]) => pattern.test(name)) ?? []
  if (suffix === undefined || unit === undefined) return [words(name), 'number']
  return [words(unit === 'percent' ? name : name.replace(suffix, '')), unit]
}

/** The name of a feature in plain language, from a dictionary or from its own words without the unit. */
export function featureLabel(name: string): string {
  return chainText(wordsOf(name)[0], 60)
}

/** A feature's value with its unit; null (not known to the model) reads `unknown`. Text is cleaned and clipped. */
export function featureValue(name: string, value: number | string | null): string {
  if (typeof value === 'string') return chainText(value, 80)
  if (value === null || !Number.isFinite(value)) return 'unknown'
  const unit = wordsOf(name)[1]
  if (unit === 'min') return duration(value * 60)
  if (unit === 'sec') return duration(value)
  if (unit === 'eth') return `${plain(value)} ETH`
  if (unit === 'usd') return usd(value)
  if (unit === 'percent') return `${plain(value * 100)} %`
  if (unit === 'bps') return `${plain(value / 100)} %`
  if (unit === 'exp') return healthFactor(Math.exp(value))
  if (unit === 'health') return healthFactor(value)
  return unit === 'sigma' ? `${plain(value)} σ` : plain(value)
}

interface ModelWords {
  title: string
  meaning: string
}

const models: Readonly<Record<string, ModelWords>> = {
  illicit: {
    title: 'Resembles reported fraud',
    meaning: 'Calibrated likeness to accounts that people reported as fraudulent, judged by plain transfers.',
  },
  credit: {
    title: 'Liquidation within 30 days',
    meaning: 'Probability that collateral of this account is seized within 30 days.',
  },
  liquidation: {
    title: 'Liquidation within 30 days',
    meaning: 'Probability that collateral of this account is seized within 30 days.',
  },
}

/** What a model's score means, in a line. */
export function modelWords(name: string): ModelWords {
  const known = Object.hasOwn(models, name) ? models[name] : undefined
  return known ?? { title: chainText(words(name), 60), meaning: 'A score from 0 to 1.' }
}

/** What the stored contributions are, for people. */
export function reasonsMethodWords(method: string): string {
  if (method === 'saabas') return 'Contributions follow the path through each tree (Saabas).'
  if (method === 'linear') return 'Contributions are the terms of a linear model, in log-odds.'
  if (method === 'treeshap') return 'Contributions are exact Shapley values (TreeSHAP), in log-odds.'
  return `Contributions by ${chainText(method)}.`
}
