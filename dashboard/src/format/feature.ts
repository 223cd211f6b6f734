/** Plain-language names of models and their inputs. A feature without an entry shows its own name as words. */
import { plain } from './number'
import { words } from './text'
import { duration } from './time'

interface FeatureWords {
  label: string
  unit: 'minutes' | 'count' | 'ether' | 'probability' | 'exp' | 'ratio' | 'sigma' | 'perYear'
}

const features: Readonly<Record<string, FeatureWords>> = {
  avgSentGapMin: { label: 'Average time between payments sent', unit: 'minutes' },
  avgReceivedGapMin: { label: 'Average time between payments received', unit: 'minutes' },
  spanMin: { label: 'Time from first to last transaction', unit: 'minutes' },
  sentCount: { label: 'Transactions sent', unit: 'count' },
  receivedCount: { label: 'Transactions received', unit: 'count' },
  createdCount: { label: 'Contracts created', unit: 'count' },
  uniqueSendersCount: { label: 'Different senders', unit: 'count' },
  uniqueRecipientsCount: { label: 'Different recipients', unit: 'count' },
  minReceivedEth: { label: 'Smallest amount received', unit: 'ether' },
  maxReceivedEth: { label: 'Largest amount received', unit: 'ether' },
  avgReceivedEth: { label: 'Average amount received', unit: 'ether' },
  minSentEth: { label: 'Smallest amount sent', unit: 'ether' },
  maxSentEth: { label: 'Largest amount sent', unit: 'ether' },
  avgSentEth: { label: 'Average amount sent', unit: 'ether' },
  transactionCount: { label: 'Transactions in all', unit: 'count' },
  totalSentEth: { label: 'Total sent', unit: 'ether' },
  totalReceivedEth: { label: 'Total received', unit: 'ether' },
  netEth: { label: 'Received minus sent', unit: 'ether' },
  logHealthFactor: { label: 'Health factor', unit: 'exp' },
  volatility: { label: 'Volatility of the health factor, a year', unit: 'perYear' },
  distance30d: { label: 'Distance to liquidation over 30 days', unit: 'sigma' },
  firstPassage30d: { label: 'Chance that prices alone cross the line in 30 days', unit: 'probability' },
  leverage: { label: 'Debt per collateral', unit: 'ratio' },
}

export function featureLabel(name: string): string {
  return features[name]?.label ?? words(name)
}

/** A feature's value with its unit; null (not known to the model) reads `unknown`. */
export function featureValue(name: string, value: number | null): string {
  if (value === null || !Number.isFinite(value)) return 'unknown'
  switch (features[name]?.unit) {
    case 'minutes':
      return duration(value * 60)
    case 'ether':
      return `${plain(value)} ETH`
    case 'probability':
      return `${plain(value * 100)} %`
    case 'perYear':
      return `${plain(value * 100)} %`
    case 'sigma':
      return `${plain(value)} σ`
    case 'exp':
      return plain(Math.exp(value))
    default:
      return plain(value)
  }
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
  liquidation: {
    title: 'Liquidation within 30 days',
    meaning: 'Probability that collateral of this account is seized within 30 days.',
  },
}

/** What a model's score means, in a line. */
export function modelWords(name: string): ModelWords {
  return models[name] ?? { title: words(name), meaning: 'A score from 0 to 1; higher is riskier.' }
}

/** What the stored contributions are. */
export function reasonsMethodWords(method: string): string {
  if (method === 'saabas')
    return 'Contributions follow the path through each tree (Saabas), in units of the score.'
  if (method === 'linear') return 'Contributions are the terms of a linear model, in log-odds.'
  if (method === 'shap') return 'Contributions are Shapley values (SHAP).'
  return `Contributions by ${method}.`
}
