import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combineAlerts, STAGES, type StagedAlert } from '../../src/alerts/combine'
import type { Stage } from '../../src/detectors/types'
import { describeWithData } from '../support/data'
import { REFERENCE_FILE, referenceCase } from '../systemic/reference-cases'

let named = 0
const alert = (stage: Stage, anomalyScore: number | null, source = `s${named++}`): StagedAlert => ({
  source,
  stage,
  anomalyScore,
})

describe('edge cases', () => {
  it('nothing, one and two sources stay silent, however unusual', () => {
    expect(combineAlerts([])).toBeUndefined()
    expect(combineAlerts([alert('funding', 1e-12)])).toBeUndefined()
    expect(combineAlerts([alert('funding', 1e-12), alert('exploitation', 1e-12)])).toBeUndefined()
  })

  it('a source that repeats itself is one source', () => {
    const repeated = STAGES.map((stage) => alert(stage, 1e-9, 'one'))
    expect(combineAlerts(repeated)).toBeUndefined()
  })

  it.each([0, -1, Number.NaN, null])('a score of %s is unknown and counts as 0.001', (score) => {
    const found = combineAlerts([alert('funding', score), alert('funding', 1), alert('preparation', 0.01)])
    expect(found?.score).toBeCloseTo(1e-5, 15)
    expect(found?.severity).toBe('low')
  })

  it('a score above 1 is refused', () => {
    expect(() => combineAlerts([alert('funding', 1.5)])).toThrow(/1\.5/)
  })

  it('exactly at a threshold is not below it', () => {
    const at = (score: number) =>
      combineAlerts([alert('funding', score), alert('funding', 1), alert('funding', 1)])
    expect(at(1e-4)).toBeUndefined()
    expect(at(0.9999e-4)?.severity).toBe('low')
    expect(at(1e-7)?.severity).toBe('low')
    expect(at(0.9999e-7)?.severity).toBe('critical')
  })

  it('all four stages are critical even where nothing was unusual', () => {
    expect(combineAlerts(STAGES.map((stage) => alert(stage, 1)))).toMatchObject({
      score: 1,
      severity: 'critical',
    })
  })
})

describe('properties', () => {
  const alerts = fc.array(
    fc.record({
      source: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      stage: fc.constantFrom(...STAGES),
      anomalyScore: fc.double({ min: 1e-9, max: 1, noNaN: true }),
    }),
    { maxLength: 12 },
  )

  it('order does not matter', () => {
    fc.assert(
      fc.property(alerts, (list) => {
        expect(combineAlerts([...list].reverse())).toEqual(combineAlerts(list))
      }),
    )
  })

  it('one more alert never makes it less unusual or less severe', () => {
    fc.assert(
      fc.property(alerts, alerts, (list, more) => {
        const before = combineAlerts(list)
        const after = combineAlerts([...list, ...more])
        if (before === undefined) return
        expect(after!.score).toBeLessThanOrEqual(before.score)
        if (before.severity === 'critical') expect(after!.severity).toBe('critical')
      }),
    )
  })
})

describeWithData('the worked case', [REFERENCE_FILE], () => {
  it('multiplies the smallest score of each stage', () => {
    const { prep, exploit, score, alerts, severity } = referenceCase('FORTA-combine')
    const found = combineAlerts([
      ...(prep as number[]).map((one) => alert('preparation', one)),
      ...(exploit as number[]).map((one) => alert('exploitation', one)),
    ])
    expect(found!.score / score).toBeCloseTo(1, 12)
    expect(found).toMatchObject({ alerts, severity })
  })
})
