import { expect, it } from 'vitest'
import { models } from '../../src/models/registry'
import { modelFindings } from '../../src/supervisor/doctor-models'

it('names every model with its version and provider', async () => {
  const [finding, ...rest] = await modelFindings({ providers: ['cpu'], threads: 1 })
  expect(rest).toEqual([])
  expect(finding?.level).toBe('ok')
  for (const { name, version } of Object.values(models)) {
    expect(finding?.message).toContain(`${name} ${version} on cpu`)
  }
})

it('fails where no model can run as asked, and says what to do', async () => {
  const [finding] = await modelFindings({ providers: ['nonsense'], threads: 1 })
  expect(finding).toMatchObject({ level: 'fail', hint: expect.stringContaining('PLIMSOLL_PROVIDERS=cpu') })
})
