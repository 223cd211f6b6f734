-- Accounts that sent a transaction in a window of blocks: whom a round scores. Senders only, because a recipient may be
-- a contract, and the account models know no contracts.
-- Parameters: $1 chain id, $2 first block, $3 last block (both included).
-- Result: account_id, ascending.
-- Index: transaction's primary key (chain_id, height, tx_index).
SELECT DISTINCT from_id AS account_id
FROM transaction
WHERE chain_id = $1 AND height BETWEEN $2 AND $3
ORDER BY account_id
