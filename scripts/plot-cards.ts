/**
 * `npx tsx scripts/plot-cards.ts` draws docs/models/plots/<model>-<plot>.svg from the curves in each metrics.json:
 * reliability, precision against recall, importance. The same metrics give the same bytes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { Curves } from '../src/models/curves'
import { modelFolder, models } from '../src/models/registry'

const FOLDER = join(__dirname, '../docs/models/plots')
const SIZE = { width: 280, height: 280, background: 'white' }
const share = { type: 'quantitative' as const, scale: { domain: [0, 1] }, axis: { format: '%' } }
const MOST_FEATURES = 15

/** The plots of one model, by name. */
export function plotsOf(model: string, curves: Curves): Record<string, TopLevelSpec> {
  return {
    reliability: reliabilityPlot(model, curves.reliability),
    'precision-recall': {
      ...SIZE,
      title: `${model}: precision against recall`,
      data: { values: curves.precisionRecall },
      mark: { type: 'line', interpolate: 'step-before' },
      encoding: {
        x: { field: 'recall', title: 'recall', ...share },
        y: { field: 'precision', title: 'precision', ...share },
      },
    },
    importance: {
      ...SIZE,
      title: `${model}: what moves the score`,
      data: { values: curves.importance.slice(0, MOST_FEATURES) },
      mark: 'bar',
      encoding: {
        x: { field: 'share', type: 'quantitative', title: 'share of contributions', axis: { format: '%' } },
        y: { field: 'feature', type: 'nominal', sort: null, title: null },
      },
    },
  }
}

/** Logarithmic, because most probabilities are small; the diagonal is a perfect calibration. */
function reliabilityPlot(model: string, bins: Curves['reliability']): TopLevelSpec {
  const least = 1e-4
  const floored = bins.map((bin) => ({
    predicted: Math.max(bin.predicted, least),
    observed: Math.max(bin.observed, least),
    low: Math.max(bin.low, least),
    high: Math.max(bin.high, least),
  }))
  const axis = { type: 'quantitative' as const, scale: { type: 'log' as const, domain: [least, 1] } }
  const x = { field: 'predicted', title: 'predicted', ...axis }
  return {
    ...SIZE,
    title: `${model}: reliability, with 95 % intervals`,
    layer: [
      {
        data: {
          values: [
            { predicted: least, observed: least },
            { predicted: 1, observed: 1 },
          ],
        },
        mark: { type: 'line', strokeDash: [4, 4], color: 'grey' },
        encoding: { x, y: { field: 'observed', title: 'observed', ...axis } },
      },
      {
        data: { values: floored },
        mark: 'rule',
        encoding: { x, y: { field: 'low', ...axis }, y2: { field: 'high' } },
      },
      {
        data: { values: floored },
        mark: { type: 'point', filled: true },
        encoding: { x, y: { field: 'observed', ...axis } },
      },
    ],
  }
}

async function draw(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' })
  return view.toSVG()
}

/** Draws the plots of every registered model whose metrics.json has curves. Returns the files written. */
export async function plotCards(folder: string = FOLDER): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const written: string[] = []
  for (const model of Object.keys(models)) {
    const { curves }: { curves?: Curves } = JSON.parse(
      readFileSync(join(modelFolder(model), 'metrics.json'), 'utf8'),
    )
    if (curves === undefined) continue
    for (const [name, spec] of Object.entries(plotsOf(model, curves))) {
      const file = join(folder, `${model}-${name}.svg`)
      writeFileSync(file, `${await draw(spec)}\n`)
      written.push(file)
    }
  }
  return written
}

if (require.main === module) {
  plotCards().then((files) => process.stdout.write(files.map((file) => `${file}\n`).join('')))
}
