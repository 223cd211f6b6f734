/**
 * `npx tsx scripts/plot-cards.ts` draws docs/models/plots/<model>-<plot>.svg from the curves in each metrics.json:
 * reliability, precision against recall, importance. The same metrics give the same bytes. A model of two parts has curves
 * for each; `npm run evaluate` ends with this.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { Curves } from '../src/models/curves'
import { modelFolder, models } from '../src/models/registry'

export const PLOTS_FOLDER = join(__dirname, '../docs/models/plots')
const SIZE = { width: 280, height: 280, background: 'white' }
const share = { type: 'quantitative' as const, scale: { domain: [0, 1] }, axis: { format: '%' } }
const MOST_FEATURES = 15

/** Curves in metrics.json, by key, and what stands after the model's name where they are drawn. */
const CURVES = { curves: '', plainCurves: '-plain' } as const

/** The plots of one model, or of one part of it, by name. */
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
        y: { field: 'feature', type: 'nominal', sort: null, title: null, axis: { labelLimit: 240 } },
      },
    },
  }
}

/** Logarithmic where probabilities are small, else linear; the diagonal is a perfect calibration. */
function reliabilityPlot(model: string, bins: Curves['reliability']): TopLevelSpec {
  const small = bins.some((bin) => bin.predicted < 0.01)
  const least = small ? 1e-4 : 0
  const floored = bins.map((bin) => ({
    predicted: Math.max(bin.predicted, least),
    observed: Math.max(bin.observed, least),
    low: Math.max(bin.low, least),
    high: Math.max(bin.high, least),
  }))
  const type = small ? ('log' as const) : ('linear' as const)
  const axis = {
    type: 'quantitative' as const,
    scale: { type, domain: [least, 1] },
    axis: small ? { values: [1e-4, 1e-3, 0.01, 0.1, 1] } : {},
  }
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

/** Every plot of the committed metrics: file name → SVG. */
export async function drawCards(): Promise<Record<string, string>> {
  const drawn: Record<string, string> = {}
  for (const model of Object.keys(models)) {
    const metrics: Partial<Record<string, Curves>> = JSON.parse(
      readFileSync(join(modelFolder(model), 'metrics.json'), 'utf8'),
    )
    for (const [key, part] of Object.entries(CURVES)) {
      const curves = metrics[key]
      if (curves === undefined) continue
      for (const [name, spec] of Object.entries(plotsOf(`${model}${part}`, curves)))
        drawn[`${model}${part}-${name}.svg`] = `${await draw(spec)}\n`
    }
  }
  return drawn
}

/** Draws the plots of every registered model whose metrics.json has curves. Returns the files written. */
export async function plotCards(folder: string = PLOTS_FOLDER): Promise<string[]> {
  const drawn = await drawCards()
  mkdirSync(folder, { recursive: true })
  return Object.entries(drawn).map(([name, svg]) => {
    const file = join(folder, name)
    writeFileSync(file, svg)
    return file
  })
}

if (require.main === module) {
  plotCards().then((files) => process.stdout.write(files.map((file) => `${file}\n`).join('')))
}
