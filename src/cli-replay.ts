/** Commands that replay real events and compare the engine with them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { loadConfig } from './config'
import { PlimsollError } from './errors'

interface ReplayOptions {
  data?: string
  json?: true
  into?: string
}

/** Adds `plimsoll replay`. */
export function addReplayCommands(program: Command): void {
  program
    .command('replay')
    .description('replay a real event and compare predictions with what happened (docs/systemic.md)')
    .argument('<event>', 'morpho-2025-11, liquidations or maker-eth-b')
    .option('--data <folder>', 'folder of the data sets (default: PLIMSOLL_DATA)')
    .option('--json', 'end with one line of JSON')
    .option('--into <file>', 'write the tables into the section of a Markdown page that has its markers')
    .action(async (event: string, options: ReplayOptions) => {
      const { runReplay } = await import('./systemic/replay/replay-command.js')
      const { replaceSection } = await import('./systemic/replay/markdown.js')
      const data = options.data === undefined ? loadConfig().dataSets : resolve(options.data)
      const { markdown, json } = runReplay(event, data)
      if (options.into === undefined) console.log(markdown)
      else {
        const page = readPage(options.into)
        writeFileSync(options.into, replaceSection(page, event, markdown))
        console.log(`wrote the section ${event} of ${options.into}`)
      }
      if (options.json) console.log(JSON.stringify(json))
    })
}

function readPage(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new PlimsollError(`--into ${file} cannot be read`, { cause, exitCode: 2 })
  }
}
