-- Locks a consumer's cursor, so that two scorers of one chain take turns.
-- Parameters: $1 consumer, $2 chain id. Result: seq, epoch, height. Index: consumer_cursor's primary key.
SELECT seq::bigint, epoch::bigint, height::bigint FROM consumer_cursor WHERE consumer = $1 AND chain_id = $2 FOR UPDATE
