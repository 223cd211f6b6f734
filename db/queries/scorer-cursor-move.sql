-- Moves a consumer's cursor.
-- Parameters: $1 consumer, $2 chain id, $3 seq, $4 epoch, $5 height. Index: consumer_cursor's primary key.
UPDATE consumer_cursor SET seq = $3, epoch = $4, height = $5 WHERE consumer = $1 AND chain_id = $2
