import type { TopLevelSpec } from 'vega-lite'
import type { Row } from './frames'

/** What a study yields: a plot, the table behind it, and what may be concluded. */
export interface Study {
  name: string
  question: string
  plot: TopLevelSpec
  table: readonly Row[]
}
