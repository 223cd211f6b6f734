-- The newest 50 facts an account took part in, newest first, each with its transaction. Each branch reads no more than its
-- own 50 newest, from its own index. The account and its chain are parameters in every branch, not columns of a CTE: only so
-- does the planner know a busy account, whose rows it must take in order, from a quiet one, whose few rows it may sort.
-- $1 account id. Columns: as in type AccountEventRow of src/api/topics/account-risk.ts.
-- Indexes: on the chain's partition of each table, the account column with height (chain_index).
SELECT e.kind, e.role, e."timestamp", substr(e.other, strpos(e.other, ':') + 1) AS counterparty,
       e.asset_id AS "assetId", e.amount::text AS amount, e.tx_hash AS "txHash"
FROM (
  (SELECT 'tokenTransfer' AS kind, 'from' AS role, "timestamp", to_id AS other, asset_id AS asset_id, amount AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "token_transfer" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND from_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'tokenTransfer' AS kind, 'to' AS role, "timestamp", from_id AS other, asset_id AS asset_id, amount AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "token_transfer" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND to_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'tokenApproval' AS kind, 'owner' AS role, "timestamp", spender_id AS other, asset_id AS asset_id, amount AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "token_approval" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND owner_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'tokenApproval' AS kind, 'spender' AS role, "timestamp", owner_id AS other, asset_id AS asset_id, amount AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "token_approval" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND spender_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'lendingEvent' AS kind, 'account' AS role, "timestamp", initiator_id AS other, asset_id AS asset_id, amount AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "lending_event" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND account_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'lendingEvent' AS kind, 'initiator' AS role, "timestamp", account_id AS other, asset_id AS asset_id, amount AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "lending_event" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND initiator_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'swap' AS kind, 'pool' AS role, "timestamp", recipient_id AS other, NULL::text AS asset_id, NULL::numeric AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "swap" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND pool_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'swap' AS kind, 'sender' AS role, "timestamp", pool_id AS other, NULL::text AS asset_id, NULL::numeric AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "swap" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND sender_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'swap' AS kind, 'recipient' AS role, "timestamp", pool_id AS other, NULL::text AS asset_id, NULL::numeric AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "swap" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND recipient_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'priceUpdate' AS kind, 'feed' AS role, "timestamp", NULL::text AS other, asset_id AS asset_id, answer AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "price_update" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND feed_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'flashLoan' AS kind, 'initiator' AS role, "timestamp", receiver_id AS other, asset_id AS asset_id, amount AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "flash_loan" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND initiator_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'flashLoan' AS kind, 'receiver' AS role, "timestamp", initiator_id AS other, asset_id AS asset_id, amount AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "flash_loan" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND receiver_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'adminAction' AS kind, 'target' AS role, "timestamp", actor_id AS other, NULL::text AS asset_id, NULL::numeric AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "admin_action" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND target_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'adminAction' AS kind, 'actor' AS role, "timestamp", target_id AS other, NULL::text AS asset_id, NULL::numeric AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "admin_action" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND actor_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'bridgeTransfer' AS kind, 'account' AS role, "timestamp", NULL::text AS other, asset_id AS asset_id, amount AS amount,
     tx_hash AS tx_hash, height, log_index AS log_index, sub_index AS sub_index
   FROM "bridge_transfer" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND account_id = $1::text
   ORDER BY height DESC, log_index DESC LIMIT 50)
  UNION ALL (SELECT 'transaction' AS kind, 'from' AS role, "timestamp", coalesce(to_id, created_contract_id) AS other, NULL::text AS asset_id, value_wei AS amount,
     hash AS tx_hash, height, tx_index AS log_index, 0 AS sub_index
   FROM "transaction" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND from_id = $1::text
   ORDER BY height DESC, tx_index DESC LIMIT 50)
  UNION ALL (SELECT 'transaction' AS kind, 'to' AS role, "timestamp", from_id AS other, NULL::text AS asset_id, value_wei AS amount,
     hash AS tx_hash, height, tx_index AS log_index, 0 AS sub_index
   FROM "transaction" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND to_id = $1::text
   ORDER BY height DESC, tx_index DESC LIMIT 50)
  UNION ALL (SELECT 'transaction' AS kind, 'created' AS role, "timestamp", from_id AS other, NULL::text AS asset_id, value_wei AS amount,
     hash AS tx_hash, height, tx_index AS log_index, 0 AS sub_index
   FROM "transaction" WHERE chain_id = split_part($1::text, ':', 1)::bigint AND created_contract_id = $1::text
   ORDER BY height DESC, tx_index DESC LIMIT 50)
) e
ORDER BY e.height DESC, e.log_index DESC, e.sub_index DESC, e.kind, e.role LIMIT 50
