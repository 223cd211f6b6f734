-- A page of the accounts that had been seen at a block.
-- Parameters: $1 chain id, $2 block B, $3 id after which the page begins, $4 most rows. Result: id, ascending.
-- Index: account's primary key (id, chain_id), on the chain's partition.
SELECT id FROM account WHERE chain_id = $1 AND first_height <= $2 AND id > $3 ORDER BY id LIMIT $4
