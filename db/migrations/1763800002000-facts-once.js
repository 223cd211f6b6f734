/**
 * Each fact is stored once. What an account took part in becomes a view over the facts; balances of listed tokens become
 * state; and the indexes that only readers need stand on each chain's partition, made when the chain has caught up, so
 * that history goes in at the speed of a plain COPY.
 */

/** fact table → [kind, ...[role, account column, counterparty column, condition]], asset and amount expressions. */
const ROLES = {
  token_transfer: {
    kind: 'tokenTransfer',
    asset: 'asset_id',
    amount: 'amount',
    roles: [
      ['from', 'from_id', 'to_id'],
      ['to', 'to_id', 'from_id'],
    ],
  },
  token_approval: {
    kind: 'tokenApproval',
    asset: 'asset_id',
    amount: 'amount',
    roles: [
      ['owner', 'owner_id', 'spender_id'],
      ['spender', 'spender_id', 'owner_id'],
    ],
  },
  lending_event: {
    kind: 'lendingEvent',
    asset: 'asset_id',
    amount: 'amount',
    roles: [
      ['account', 'account_id', 'initiator_id'],
      ['initiator', 'initiator_id', 'account_id'],
    ],
  },
  swap: {
    kind: 'swap',
    roles: [
      ['pool', 'pool_id', 'recipient_id'],
      ['sender', 'sender_id', 'pool_id'],
      ['recipient', 'recipient_id', 'pool_id'],
    ],
  },
  price_update: {
    kind: 'priceUpdate',
    asset: 'asset_id',
    amount: 'answer',
    roles: [['feed', 'feed_id', 'NULL']],
  },
  flash_loan: {
    kind: 'flashLoan',
    asset: 'asset_id',
    amount: 'amount',
    roles: [
      ['initiator', 'initiator_id', 'receiver_id'],
      ['receiver', 'receiver_id', 'initiator_id'],
    ],
  },
  admin_action: {
    kind: 'adminAction',
    roles: [
      ['target', 'target_id', 'actor_id'],
      ['actor', 'actor_id', 'target_id', 'actor_id IS NOT NULL'],
    ],
  },
  bridge_transfer: {
    kind: 'bridgeTransfer',
    asset: 'asset_id',
    amount: 'amount',
    roles: [['account', 'account_id', 'NULL']],
  },
  transaction: {
    kind: 'transaction',
    amount: 'value_wei',
    roles: [
      ['from', 'from_id', 'coalesce(to_id, created_contract_id)'],
      ['to', 'to_id', 'from_id', 'to_id IS NOT NULL'],
      ['created', 'created_contract_id', 'from_id', 'created_contract_id IS NOT NULL'],
    ],
  },
}

function address(id) {
  return id === 'NULL' ? 'NULL::text' : `substr(${id}, strpos(${id}, ':') + 1)`
}

function branches() {
  return Object.entries(ROLES).flatMap(([table, { kind, asset, amount, roles }]) => {
    const isTransaction = table === 'transaction'
    const place = isTransaction ? 'tx_index AS log_index, 0 AS sub_index' : 'log_index, sub_index'
    return roles.map(
      ([role, account, counterparty, condition]) => `
        SELECT id || ':${kind}:${role}' AS id, ${account} AS account_id, chain_id, height, '${kind}' AS kind, ${place},
               '${role}' AS role, block_hash, "timestamp", id AS fact_id, ${isTransaction ? 'true AS verified' : 'verified'},
               ${address(counterparty)} AS counterparty, ${asset ?? 'NULL::text'} AS asset_id,
               ${amount ?? 'NULL::numeric'} AS amount
        FROM "${table}"${condition ? ` WHERE ${condition}` : ''}`,
    )
  })
}

/** Indexes for readers, on each chain's partition. */
const READER_INDEXES = {
  block: ['id'],
  transaction: ['id', 'hash', 'from_id, height', 'to_id, height', 'created_contract_id, height'],
  token_transfer: ['id', 'from_id, height', 'to_id, height', 'asset_id, height'],
  token_approval: ['id', 'owner_id, height', 'spender_id, height', 'owner_id, asset_id, spender_id'],
  lending_event: ['id', 'account_id, height', 'initiator_id, height', 'market_id, height'],
  swap: ['id', 'pool_id, height', 'sender_id, height', 'recipient_id, height'],
  price_update: ['id', 'feed_id, height'],
  flash_loan: ['id', 'initiator_id, height', 'receiver_id, height'],
  admin_action: ['id', 'target_id, height', 'actor_id, height'],
  bridge_transfer: ['id', 'account_id, height'],
}

/** The indexes on whole tables that those replace. */
const REPLACED = {
  block: ['id'],
  transaction: ['id', 'hash'],
  token_transfer: ['id', 'from_id', 'to_id', 'asset_id'],
  token_approval: ['id'],
  lending_event: ['id', 'account_id, height', 'market_id'],
  swap: ['id'],
  price_update: ['id'],
  flash_loan: ['id'],
  admin_action: ['id', 'target_id'],
  bridge_transfer: ['id'],
  // Nobody asks for it: prices are found through their own rows.
  price_version: ['asset_id, valid_from_block'],
}

/** Indexes on whole tables, for the few rows of many that a process asks for again and again. */
const FEW_OF_MANY = [
  'CREATE INDEX asset_verified_idx ON asset (chain_id) WHERE verified',
  `CREATE INDEX oracle_transaction_open_idx ON oracle_transaction (chain_id, sender, nonce)
   WHERE status IN ('pending', 'mined')`,
]

function suffix(columns) {
  return `${columns.replaceAll(', ', '_').replaceAll('_id', '')}_idx`
}

module.exports = class FactsOnce1763800002000 {
  name = 'FactsOnce1763800002000'

  async up(db) {
    await db.query('DROP TABLE account_event')
    await db.query(`DELETE FROM chain_partitioned_table WHERE name = 'account_event'`)
    await db.query(`CREATE VIEW account_event AS ${branches().join('\n UNION ALL ')}`)

    // A chain of which only blocks with facts are kept has no use for parents, and fetching them is what costs.
    await db.query('ALTER TABLE block ALTER parent_hash DROP NOT NULL')
    await db.query(`CREATE TABLE token_balance (id text NOT NULL, account_id text NOT NULL, chain_id bigint NOT NULL,
      asset_id text NOT NULL, balance numeric NOT NULL,
      PRIMARY KEY (account_id, chain_id, asset_id)) PARTITION BY LIST (chain_id)`)
    await db.query(`INSERT INTO chain_partitioned_table VALUES ('token_balance')`)

    for (const [table, indexes] of Object.entries(REPLACED)) {
      for (const columns of indexes) {
        await db.query(`DROP INDEX "${table}_${columns.replaceAll(/[^a-z0-9_]+/g, '_')}_idx"`)
      }
    }
    for (const statement of FEW_OF_MANY) await db.query(statement)
    await db.query(
      'CREATE TABLE chain_index (table_name text, suffix text, columns text, PRIMARY KEY (table_name, suffix))',
    )
    for (const [table, indexes] of Object.entries(READER_INDEXES)) {
      for (const columns of indexes) {
        await db.query('INSERT INTO chain_index VALUES ($1, $2, $3)', [table, suffix(columns), columns])
      }
    }
    await db.query(`
      CREATE FUNCTION plimsoll_index_chain(chain bigint) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE i record;
      BEGIN
        FOR i IN SELECT * FROM chain_index ORDER BY table_name, suffix LOOP
          EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (%s)',
            i.table_name || '_' || chain || '_' || i.suffix, i.table_name || '_' || chain, i.columns);
        END LOOP;
      END $$`)
    for (const { chain_id: chain } of await db.query('SELECT chain_id FROM chain')) {
      await db.query('SELECT plimsoll_add_chain($1)', [chain])
      await db.query('SELECT plimsoll_index_chain($1)', [chain])
      await db.query(
        `INSERT INTO token_balance
         SELECT e.account_id || substr(t.asset_id, strpos(t.asset_id, ':')), e.account_id, $1, t.asset_id, sum(e.change)
         FROM token_transfer t
         CROSS JOIN LATERAL (VALUES (t.from_id, -t.amount), (t.to_id, t.amount)) AS e (account_id, change)
         WHERE t.chain_id = $1 AND t.standard = 'erc20' AND t.asset_id IN (SELECT id FROM asset WHERE metadata = 'listed')
           AND e.account_id NOT LIKE '%:0x0000000000000000000000000000000000000000'
         GROUP BY e.account_id, t.asset_id`,
        [chain],
      )
    }
  }

  async down() {
    throw new Error('facts cannot be stored twice again: restore a backup from before this migration')
  }
}
