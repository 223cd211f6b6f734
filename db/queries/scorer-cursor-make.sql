-- Makes a consumer's cursor, before the first block.
-- Parameters: $1 consumer, $2 chain id. Index: consumer_cursor's primary key.
INSERT INTO consumer_cursor (consumer, chain_id, seq, epoch, height) VALUES ($1, $2, 0, 0, -1)
ON CONFLICT (consumer, chain_id) DO NOTHING
