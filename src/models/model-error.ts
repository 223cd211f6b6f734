/** Every way in which running a model can fail, told apart by `code`. */

export type ModelErrorCode =
  | 'unknown-model'
  | 'bad-input'
  | 'too-much'
  | 'missing-file'
  | 'hash-mismatch'
  | 'no-provider'
  | 'run-failed'
  | 'timeout'
  | 'closed'

export class ModelError extends Error {
  readonly code: ModelErrorCode
  constructor(code: ModelErrorCode, message: string, options?: { cause: unknown }) {
    super(message, options)
    this.name = 'ModelError'
    this.code = code
  }
}
