/** `npm run bench -- <name>`: a table of ratios against a yardstick run beside it, then one JSON line. */
const BENCHES: Record<string, { about: string; load: () => Promise<{ run: () => Promise<unknown> }> }> = {
  replay: { about: 'capture replay through the real processor, logs/s', load: () => import('./replay.js') },
  latency: { about: 'block mined → alert received over SSE, p50/p99', load: () => import('./latency.js') },
}

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => BENCHES[name] === undefined)
  if (unknown.length > 0 || names.includes('--help')) {
    console.error(`usage: npm run bench -- [${Object.keys(BENCHES).join('|')}]`)
    for (const [name, { about }] of Object.entries(BENCHES)) console.error(`  ${name.padEnd(10)} ${about}`)
    process.exit(names.includes('--help') ? 0 : 2)
  }
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
    console.log(`\n${name}: ${BENCHES[name]?.about}`)
    const bench = await BENCHES[name]?.load()
    console.log(JSON.stringify(await bench?.run()))
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
