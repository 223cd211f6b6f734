-- Accounts that sent or received a transaction in a window of blocks: whom a round scores.
-- Parameters: $1 chain id, $2 first block, $3 last block (both included).
-- Result: account_id, ascending.
-- Index: transaction's primary key (chain_id, height, tx_index).
SELECT DISTINCT account_id
FROM transaction t
CROSS JOIN LATERAL (VALUES (t.from_id), (t.to_id)) AS party (account_id)
WHERE t.chain_id = $1 AND t.height BETWEEN $2 AND $3 AND account_id IS NOT NULL
ORDER BY account_id
