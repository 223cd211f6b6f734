/** Days at random: diffusions with the model's moments, and past days given today's volatility. */
import { bootstrapScenarios } from './bootstrap'
import { STUDENT_T_DEGREES } from './committed'
import { diffusionScenarios } from './diffusion'
import { committedBeta, type FactorModel, returnsOf } from './factor-model'
import { committedDays } from './replay-draws'
import { REPLAYS } from './replays'
import { drawRows, type ScenarioContext, type ScenarioDraft } from './scenario-set'
import { fitGarch, garchVariances } from './volatility'

/** GARCH wants more days than moments do. */
const LEAST_GARCH_DAYS = 60

/** A day of geometric Brownian motion: no drift, so that prices are expected to stay. */
export function diffusionDraft(
  { model, scenarios, seed }: ScenarioContext,
  kind: 'normal' | 'student-t' | 'garch',
): ScenarioDraft {
  const { sigma, garch } = kind === 'garch' ? garchSigma(model) : { sigma: model.sigma, garch: '' }
  const factors = diffusionScenarios({
    ...{ drift: new Float64Array(sigma.length), sigma, correlation: model.correlation },
    ...{ horizon: 1, steps: 1, scenarios, seed },
    shape: kind === 'student-t' ? { kind, degrees: STUDENT_T_DEGREES } : { kind: 'normal' },
  })
  const tails = kind === 'student-t' ? `Student-t with ${STUDENT_T_DEGREES} degrees of freedom` : 'normal'
  return { about: `a random day, ${tails}${garch}`, fittedFrom: model.fittedFrom, factors, hasCentre: false }
}

/** Volatility of the next day by each factor's own GARCH, where it has enough days. */
function garchSigma(model: FactorModel): { sigma: Float64Array; garch: string } {
  let fitted = 0
  const sigma = Float64Array.from(model.factors, ({ name }, f) => {
    const returns = returnsOf(model, name)
    if (returns === undefined || returns.length < LEAST_GARCH_DAYS) return model.sigma[f]!
    fitted++
    return Math.sqrt(garchVariances(returns, fitGarch(returns))[returns.length]!)
  })
  const garch =
    fitted === 0
      ? '; no history is given, so volatility stands where GARCH(1,1) returns to in the long run'
      : `, at the next day's volatility by GARCH(1,1) of ${fitted} of ${sigma.length} factors`
  return { sigma, garch }
}

/** Past days of the history, or of the committed crises where it has too few. */
export function bootstrapDraft(context: ScenarioContext): ScenarioDraft {
  const { model, scenarios, seed } = context
  const { returns } = model
  if (returns === undefined) {
    const { rows } = committedDays(Object.keys(REPLAYS), context)
    const about = 'days of the four committed crises: no history of ordinary ones is given'
    return {
      about,
      fittedFrom: 'replay-windows.ts',
      factors: drawRows(rows, scenarios, seed),
      hasCentre: false,
    }
  }
  const drawn = bootstrapScenarios({ returns: returns.series, volatility: 'ewma', steps: 1, scenarios, seed })
  const size = model.factors.length
  const columns = model.factors.map((factor) => ({
    at: returns.covered.indexOf(factor.name),
    beta: committedBeta(factor),
  }))
  const eth = returns.covered.indexOf('ETH')
  const factors = new Float64Array(scenarios * size)
  for (let s = 0; s < scenarios; s++)
    columns.forEach(({ at, beta }, f) => {
      const row = s * returns.covered.length
      factors[s * size + f] = at >= 0 ? drawn[row + at]! : drawn[row + eth]! ** beta
    })
  return {
    ...{
      about: 'past days freed of their volatility and given the next day’s',
      fittedFrom: model.fittedFrom,
    },
    ...{ factors, hasCentre: false },
  }
}
