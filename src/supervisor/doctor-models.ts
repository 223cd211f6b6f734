/** What `plimsoll doctor` says of the models: that their files are sound, and where each of them runs. */
import type { Config } from '../config'
import { messageOf } from '../errors'
import { type ExecutionProvider, openModels } from '../models/session'
import type { Finding } from '../source/diagnose'

/** Opens every model once, as a scorer would. */
export async function modelFindings({ providers }: Config['models']): Promise<Finding[]> {
  const asked = providers.join(', ')
  try {
    const runtime = await openModels({ providers: providers as readonly ExecutionProvider[] })
    const where = Object.values(runtime.models).map(({ spec, provider, form }) => {
      const kind = form === 'tensor' ? ' (GPU form, gated)' : ''
      return `${spec.name} ${spec.version} on ${provider}${kind}`
    })
    await runtime.close()
    return [
      { level: 'ok', subject: 'models', message: `asked for ${asked}: ${where.join('; ')}` },
      ...runtime.warnings.map((message): Finding => ({ level: 'warn', subject: 'models', message })),
    ]
  } catch (error) {
    const hint = 'restore src/models from the repository, or set PLIMSOLL_PROVIDERS=cpu'
    return [{ level: 'fail', subject: 'models', message: messageOf(error), hint }]
  }
}
