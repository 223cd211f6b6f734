/**
 * Modules of lib/, which is what users run: where tsx compiles sources on the fly, every use of an import is a call, which
 * costs a tight loop up to half again.
 */
import { join } from 'node:path'
import { packageRoot } from '../src/package-root'

/** @param path below lib/, without an extension */
export function built<T>(path: string): T {
  return require(join(packageRoot, 'lib', path)) as T
}
