-- Height of the last round's block. Parameters: $1 chain id. Result: height, or null. Index: risk_round's primary key.
SELECT max(height)::bigint AS height FROM risk_round WHERE chain_id = $1
