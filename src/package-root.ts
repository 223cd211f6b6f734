/** Folder of package.json: the same whether the code runs from src (tests) or lib (built). */
import { resolve } from 'node:path'

export const packageRoot = resolve(__dirname, '..')
