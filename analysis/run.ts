/** Runs every study over the exported tables and writes its plot (SVG) and table (Markdown) to analysis/plots. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, View } from 'vega'
import { compile } from 'vega-lite'
import { markdown } from './frames'
import { creditCohort } from './studies/credit-cohort'
import { illicitAccounts } from './studies/illicit-accounts'
import { marketStress } from './studies/market-stress'

const PLOTS = join(__dirname, 'plots')

async function main(): Promise<void> {
  mkdirSync(PLOTS, { recursive: true })
  for (const study of [illicitAccounts(), creditCohort(), marketStress()]) {
    const svg = await new View(parse(compile(study.plot).spec), { renderer: 'none' }).toSVG()
    writeFileSync(join(PLOTS, `${study.name}.svg`), `${svg}\n`)
    writeFileSync(
      join(PLOTS, `${study.name}.md`),
      `# ${study.question}\n\n![${study.name}](${study.name}.svg)\n\n${markdown(study.table)}\n`,
    )
    console.log(`${study.name}: ${study.table.length} rows`)
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
