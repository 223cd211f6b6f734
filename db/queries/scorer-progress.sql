-- How far a chain is, and what a consumer has not yet seen of its batches.
-- Parameters: $1 chain id, $2 last batch number that the consumer has seen.
-- Result: one row, or none when the chain has none: head_height, finalized_height, epoch, last_seq, rollback_to (the
-- lowest of the new batches, or null).
-- Index: batch's primary key (chain_id, seq).
SELECT c.head_height::bigint, c.finalized_height::bigint, w.epoch::bigint,
       coalesce((SELECT max(seq) FROM batch WHERE chain_id = $1), 0)::bigint AS last_seq,
       (SELECT min(rollback_to) FROM batch WHERE chain_id = $1 AND seq > $2)::bigint AS rollback_to
FROM chain c JOIN chain_writer w USING (chain_id) WHERE c.chain_id = $1
