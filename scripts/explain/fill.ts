/**
 * Synthetic rows for every table that a named query reads, by set-based SQL. Sizes follow from a chain's number of blocks.
 *
 * Nothing is random: a row's content is a hash of its number, so that runs differ only by what ANALYZE samples. Accounts of facts
 * are drawn with a skew (rank = n · u³), because chains have routers and pools that take part in most transactions: with
 * 32,000 accounts and 400,000 transfers the busiest sends and receives 12,000, and the median one seven.
 */
export interface SyntheticChain {
  id: number
  blocks: number
}

/** Each uses its arguments once and nothing that depends on settings, so that PostgreSQL inlines them. */
const FUNCTIONS = [
  'CREATE SCHEMA synthetic',
  // A number from 0 to n - 1; every number is as likely, or low ones are more so.
  `CREATE FUNCTION synthetic.even(i bigint, salt int, n bigint) RETURNS bigint IMMUTABLE LANGUAGE sql AS
   'SELECT (hashint8extended(i, salt) & 9223372036854775807) % n'`,
  `CREATE FUNCTION synthetic.skewed(i bigint, salt int, n bigint) RETURNS bigint IMMUTABLE LANGUAGE sql AS
   'SELECT floor(n * power(synthetic.even(i, salt, 1000000) / 1e6, 3))::bigint'`,
  `CREATE FUNCTION synthetic.word(kind text, n bigint) RETURNS text IMMUTABLE LANGUAGE sql AS
   $$SELECT '0x' || repeat(md5(kind || n::text), 2)$$`,
  `CREATE FUNCTION synthetic.address(kind text, n bigint) RETURNS text IMMUTABLE LANGUAGE sql AS
   'SELECT substr(synthetic.word(kind, n), 1, 42)'`,
  `CREATE FUNCTION synthetic.time_of(height bigint) RETURNS timestamptz IMMUTABLE LANGUAGE sql AS
   'SELECT to_timestamp(1700000000 + 12 * height)'`,
]

/** Expression for the id of the account, asset or pool with a number. */
function idOf(chain: number, kind: 'account' | 'asset' | 'pool', number: string): string {
  return `'${chain}:' || synthetic.address('${kind}', ${number})`
}

/** SELECT of the columns that all facts share, `perBlock` rows a block, followed by a fact's own columns. */
function factRows(chain: SyntheticChain, table: string, perBlock: number, own: readonly string[]): string {
  const height = `(i / ${perBlock}::float8)::bigint`
  const rows = Math.floor(chain.blocks * perBlock)
  return `INSERT INTO ${table}
    SELECT '${chain.id}:${table}:' || i, ${chain.id}, ${height}, i % 1000, 0, synthetic.word('block', ${height}),
           synthetic.time_of(${height}), synthetic.word('transaction', 2 * ${height} + i % 2), i % 20 <> 0, ${own.join(', ')}
    FROM generate_series(0, ${rows - 1}) AS i`
}

function facts(chain: SyntheticChain): string[] {
  const { id, blocks } = chain
  const accounts = Math.floor(blocks * 0.4)
  const account = (salt: number) => idOf(id, 'account', `synthetic.skewed(i, ${salt}, ${accounts})`)
  // Approvals go to few contracts, each of which has many.
  const spender = idOf(id, 'account', `synthetic.skewed(i, 2, ${Math.floor(blocks / 80)})`)
  const asset = idOf(id, 'asset', `synthetic.skewed(i, 3, ${Math.floor(blocks / 2)})`)
  const pool = idOf(id, 'pool', `synthetic.even(i, 4, ${blocks / 5_000})`)
  const market = `${pool} || ':' || synthetic.even(i, 5, 10)`
  const kind = `(ARRAY['supply', 'withdraw', 'borrow', 'repay', 'liquidation'])[1 + synthetic.even(i, 6, 5)]`
  return [
    `INSERT INTO block SELECT '${id}:' || h, ${id}, h, synthetic.word('block', h), NULL, synthetic.time_of(h)
     FROM generate_series(0, ${blocks}) AS h`,
    `INSERT INTO transaction
     SELECT '${id}:transaction:' || i, ${id}, i / 2, i % 2, synthetic.word('block', i / 2), synthetic.time_of(i / 2),
            synthetic.word('transaction', i), ${account(1)}, CASE WHEN i % 50 > 0 THEN ${account(2)} END,
            CASE WHEN i % 50 = 0 THEN ${account(2)} END, i * 1e12, 21000, 1, '0xa9059cbb', i
     FROM generate_series(0, ${2 * blocks - 1}) AS i`,
    factRows(chain, 'token_transfer', 5, [asset, account(1), account(2), 'i * 1e12', 'NULL', "'erc20'"]),
    factRows(chain, 'token_approval', 1, [asset, account(1), spender, '1e30', 'NULL', "'erc20'"]),
    factRows(chain, 'lending_event', 1, [
      "'aave-v3'",
      kind,
      account(1),
      account(2),
      market,
      asset,
      '1e18',
      'NULL',
      'NULL',
    ]),
    factRows(chain, 'swap', 1, ["'uniswap-v3'", account(7), account(1), account(2), '1e18', '-1e18']),
    factRows(chain, 'price_update', 0.5, [
      "'chainlink'",
      idOf(id, 'account', 'synthetic.even(i, 8, 50)'),
      asset,
      '1e8',
      '8',
      'i',
      'now()',
    ]),
    factRows(chain, 'flash_loan', 0.05, ["'aave-v3'", account(1), account(2), asset, '1e18', '5e14']),
    factRows(chain, 'admin_action', 0.02, [
      "'role-granted'",
      account(1),
      account(2),
      `'{"role": "0x00"}'::jsonb`,
    ]),
    factRows(chain, 'bridge_transfer', 0.2, [
      "'optimism'",
      "'deposit'",
      account(1),
      asset,
      '1e18',
      '10::numeric',
    ]),
    `INSERT INTO account SELECT ${idOf(id, 'account', 'n')}, ${id}, synthetic.address('account', n), n, synthetic.time_of(n)
     FROM generate_series(0, ${accounts - 1}) AS n`,
    `INSERT INTO asset SELECT ${idOf(id, 'asset', 'n')}, ${id}, synthetic.address('asset', n), 'T' || n, 'Token ' || n, 18,
            n < 100, CASE WHEN n < 100 THEN 'listed' ELSE 'read' END, n
     FROM generate_series(0, ${Math.floor(blocks / 2) - 1}) AS n`,
  ]
}

/** Ten reserves a pool; a quarter as many holders as blocks, each with a supply and a debt in one pool. */
function state(chain: SyntheticChain): string[] {
  const { id, blocks } = chain
  const pools = blocks / 5_000
  const pool = (number: string) => `synthetic.address('pool', ${number})`
  const marketState = `jsonb_build_object('liquidityIndexRay', '1050000000000000000000000000',
    'borrowIndexRay', '1080000000000000000000000000', 'liquidationThresholdBps', 8000, 'paused', v % 250 = 7, 'frozen', false)`
  const holder = `${idOf(id, 'account', 'n')} AS account_id, '${id}:' || ${pool(`n % ${pools}`)} AS pool_id`
  const position = `FROM (SELECT n, s, ${holder} FROM generate_series(0, ${blocks / 4 - 1}) AS n,
    generate_series(0, 1) AS s) AS h`
  const market = `pool_id || ':' || (n + s) % 10`
  const holdings = `CASE s WHEN 0 THEN 1e18 ELSE 0 END, CASE s WHEN 1 THEN 5e17 ELSE 0 END, s = 0, n % 500 > 0`
  return [
    `INSERT INTO market SELECT ${idOf(id, 'pool', 'n / 10')} || ':' || n % 10, ${id}, 'aave-v3', 'reserve', ${pool('n / 10')},
            3, ${idOf(id, 'asset', 'n % 40')}, NULL, ${marketState.replace('v %', 'n %')}, true, ${blocks}
     FROM generate_series(0, ${pools * 10 - 1}) AS n`,
    `INSERT INTO market_version SELECT m.id || ':' || v, ${id}, m.id, v * ${blocks / 500}, ${marketState}, 3, true
     FROM market m, generate_series(0, 499) AS v WHERE m.chain_id = ${id}`,
    `INSERT INTO price SELECT '${id}:' || n, ${id}, ${idOf(id, 'asset', 'n % 40')},
            CASE n % 2 WHEN 0 THEN 'protocol' ELSE 'chainlink' END, synthetic.address('feed', n), 1e8, 8, now(), ${blocks}
     FROM generate_series(0, ${blocks / 1_000 - 1}) AS n`,
    `INSERT INTO price_version SELECT p.id || ':' || v, ${id}, p.id, p.asset_id, p.kind, p.source, v * ${blocks / 1_000},
            1e8 + v, 8, synthetic.time_of(v)
     FROM price p, generate_series(0, 999) AS v WHERE p.chain_id = ${id}`,
    `INSERT INTO position SELECT account_id || ':' || ${market}, account_id, ${id}, ${market}, 'aave-v3',
            substr(pool_id, ${String(id).length + 2}), ${holdings}, ${blocks} ${position}`,
    `INSERT INTO position_version SELECT account_id || ':' || ${market} || ':' || v, account_id, ${id}, ${market},
            account_id || ':' || ${market}, 'aave-v3', substr(pool_id, ${String(id).length + 2}),
            v * ${Math.floor(blocks / 6)} + n % 1000, ${holdings} ${position}, generate_series(0, 5) AS v`,
  ]
}

/** Twenty rounds of scores of every position and account model scores of a part; the last round's are current. */
function derived(chain: SyntheticChain): string[] {
  const { id, blocks } = chain
  const pool = `synthetic.address('pool', n % ${blocks / 5_000})`
  const health = `CASE WHEN n % 10 > 0 THEN (0.9 + n % 4000 / 1000.0) * 1e18 END`
  const score = (kind: string, subject: string, model: string, holders: number) => `INSERT INTO score_row
    SELECT s.subject || ':' || r, s.account_id, ${id}, '${kind}', s.subject, '${model}', '1.0.0', md5('${model}'),
           md5(s.subject || r), plimsoll_vector_bytes(ARRAY[n / 1e5, 1.5, n, r * 12]::real[]), r,
           synthetic.word('block', r), synthetic.time_of(r), NULL, synthetic.even(n, 9, 1000) / 1e3,
           '{0,3}', '{0.4,0.1}', 'saabas', r = ${blocks}, NULL, NULL
    FROM generate_series(${blocks / 20}, ${blocks}, ${blocks / 20}) AS r,
      (SELECT n, ${idOf(id, 'account', 'n')} AS account_id, ${subject} AS subject
       FROM generate_series(0, ${holders - 1}) AS n OFFSET 0) AS s`
  return [
    score('position', `${idOf(id, 'account', 'n')} || ':' || ${pool}`, 'credit', blocks / 4),
    score('account', idOf(id, 'account', 'n'), 'illicit', blocks / 40),
    `INSERT INTO shadow_score SELECT s.id, s.account_id, s.chain_id, s.subject_kind, s.subject_id, s.model_name, s.height,
            '2.0.0', md5('shadow'), s.model_sha256, s."timestamp", s.value, s.value, 0
     FROM score_row s WHERE s.chain_id = ${id} AND s.height = ${blocks} AND s.model_name = 'credit'`,
    `INSERT INTO model_drift SELECT ${id} || ':' || n, 'credit', md5('credit'), ${id}, 'all', 'input' || n, 0.01, 0.02, 0, 900,
            900, synthetic.time_of(${blocks}) FROM generate_series(1, 4) AS n`,
    `INSERT INTO model_calibration SELECT ${id} || ':' || n, 'credit', md5('credit'), ${id}, n, 900, 9, 0.01, 0.01, 0.001, 0.9,
            '[]', synthetic.time_of(${blocks}) FROM generate_series(1, 3) AS n`,
    `INSERT INTO position_health SELECT ${idOf(id, 'account', 'n')} || ':' || ${pool}, ${idOf(id, 'account', 'n')}, ${id},
            'aave-v3', ${pool}, ${blocks}, synthetic.word('block', ${blocks}), synthetic.time_of(${blocks}), ${health},
            1e12, CASE WHEN n % 10 > 0 THEN 5e11 ELSE 0 END, 0, 8000, 7500, '[]'
     FROM generate_series(0, ${blocks / 4 - 1}) AS n`,
    `INSERT INTO risk_round SELECT '${id}:' || h, ${id}, h, h, synthetic.word('block', h), synthetic.time_of(h), 0.1, 1e6, 1e8,
            0, 20000, 100 FROM generate_series(0, ${blocks}, 25) AS h`,
    `INSERT INTO alert SELECT '${id}:alert:' || n, ${idOf(id, 'account', `n % ${blocks / 40}`)}, ${id},
            'price-shock', 'PRICE-SHOCK-1', 'Price shock', 'synthetic', 'high', 'suspicious', 'aave-v3', '[]', '[]',
            'key:' || n / 4, (ARRAY['open', 'updated', 'confirmed', 'confirmed', 'retracted'])[1 + synthetic.even(n, 2, 5)],
            NULL, CASE WHEN n < ${Math.floor(blocks * 0.19)} THEN 'final' ELSE 'hot' END, 5 * n, synthetic.word('block', 5 * n),
            synthetic.word('transaction', n), 1, NULL, NULL, '[]', NULL, NULL, '[]', synthetic.time_of(5 * n), 5 * n,
            synthetic.time_of(5 * n), synthetic.time_of(5 * n), NULL, NULL
     FROM generate_series(0, ${blocks / 5 - 1}) AS n`,
    `INSERT INTO alert_journal SELECT chain_id, height, id, CASE WHEN height % 2 = 0 THEN to_jsonb(a) END FROM alert a
     WHERE chain_id = ${id} AND height > ${blocks - 4_000}`,
    // Both chains together hold the thousand runs that are kept.
    `INSERT INTO stress_run (id, chain_id, scenario, as_of, seed, model_sha256, status, result, created_at)
     SELECT md5('${id}:' || n), ${id}, 'eth-30', jsonb_build_object('${id}', jsonb_build_object('height', ${blocks} - n,
              'hash', synthetic.word('block', ${blocks} - n))), n, 'synthetic', 'done', '{}', synthetic.time_of(${blocks} - n)
     FROM generate_series(0, 449) AS n`,
  ]
}

function bookkeeping({ id, blocks }: SyntheticChain): string[] {
  const hash = `synthetic.word('block', ${blocks})`
  return [
    `INSERT INTO chain VALUES ('${id}', ${id}, 'chain ${id}', ${blocks}, ${hash}, synthetic.time_of(${blocks}),
       ${blocks - 64}, ${hash}, now())`,
    `INSERT INTO chain_writer VALUES (${id}, 1)`,
    `INSERT INTO consumer_cursor VALUES ('scorer', ${id}, ${blocks / 5 - 10}, 1, ${blocks})`,
    `INSERT INTO batch SELECT '${id}:' || n, ${id}, n, 1, 5 * n, 5 * n + 4, 'hash', 5 * n, NULL, 60, now()
     FROM generate_series(1, ${blocks / 5}) AS n`,
    `INSERT INTO coverage SELECT '${id}:' || p || ':' || n, ${id}, 'protocol-' || p, 1, n * ${blocks / 10},
            (n + 1) * ${blocks / 10} - 1 FROM generate_series(0, 9) AS n, generate_series(0, 14) AS p`,
    `INSERT INTO source_endpoint SELECT ${id}, n, 'endpoint ' || n, 'host', 'ws', 'healthy', NULL, 20, ${blocks}, 1000, 0, 0,
            2000, now() FROM generate_series(1, 3) AS n`,
    `INSERT INTO price_round SELECT '${id}:' || h, ${id}, h, synthetic.word('block', h), synthetic.time_of(h), 20, 20, 1, '[]'
     FROM generate_series(0, ${blocks}, 5) AS h`,
    `INSERT INTO market_price SELECT ${idOf(id, 'asset', 'n')}, ${id}, ${idOf(id, 'asset', 'n')}, ${blocks}, ${hash},
            synthetic.time_of(${blocks}), 1e8, 8, 'chainlink', 60, 9700, false, true, '[]' FROM generate_series(0, 39) AS n`,
    `INSERT INTO quarantine_emitter SELECT '${id}:' || n, ${id}, synthetic.address('emitter', n), n, 0
     FROM generate_series(0, 99) AS n`,
    `INSERT INTO oracle_feed SELECT ${id} || ':' || n, ${id}, '0xoracle', synthetic.word('feed', n),
            ${idOf(id, 'asset', 'n')}, 'risk', ${id}, NULL, 8, '{}' FROM generate_series(0, 19) AS n`,
    `INSERT INTO oracle_report SELECT f.id || ':' || r || ':0', f.id, ${id}, r,
            CASE WHEN r = 250 THEN 'signed' WHEN r % 50 = 0 THEN 'dropped' ELSE 'confirmed' END, 1e6, 1e6, 9500, 'model',
            'bundle', synthetic.time_of(r), synthetic.time_of(r + 100), '[]', md5(f.id || r), NULL, r, NULL,
            synthetic.time_of(r)
     FROM oracle_feed f, generate_series(1, 250) AS r WHERE f.chain_id = ${id}`,
    `INSERT INTO oracle_signature SELECT r.feed_id || ':' || r.round || ':' || s, r.id, '0xsigner' || s, '0x00', NULL,
            r.created_at FROM oracle_report r, generate_series(1, 3) AS s WHERE r.chain_id = ${id}`,
    `INSERT INTO oracle_transaction SELECT ${id} * 10000 + n, ${id}, '0xsender', n, synthetic.word('oracle', ${id} * 10000 + n),
            '0x00', '[]', CASE WHEN n > 1490 THEN 'pending' ELSE 'final' END, now() FROM generate_series(1, 1500) AS n`,
  ]
}

/** Statements that fill the partitions of these chains, which must exist. */
export function fillStatements(chains: readonly SyntheticChain[]): string[] {
  return [
    // Without triggers, and without looking up what a foreign key refers to.
    "SET session_replication_role = 'replica'",
    ...FUNCTIONS,
    `INSERT INTO model_version SELECT 'model-' || n, 'model', n::text, md5(n::text), '{}', '{}' FROM generate_series(1, 3) AS n`,
    `INSERT INTO model_file SELECT md5(n::text), 'bytes' FROM generate_series(1, 3) AS n`,
    ...chains.flatMap((chain) => [
      ...facts(chain),
      ...state(chain),
      ...derived(chain),
      ...bookkeeping(chain),
    ]),
    'RESET session_replication_role',
  ]
}
