-- Moves reports on. A report that is confirmed or dropped stays so, but for a reorganisation that took its
-- transaction away, which only $5 = true may undo.
-- Parameters: $1 ids (text[]), $2 status, $3 tx hash or null to keep, $4 block number or null, $5 from confirmed,
--   $6 reason or null to keep. Result: id of the rows that changed. Index: primary key.
UPDATE oracle_report SET status = $2, tx_hash = coalesce($3, tx_hash), block_number = $4,
  reason = coalesce($6, reason)
WHERE id = ANY ($1) AND status <> $2 AND (status IN ('proposed', 'signed', 'sent') OR ($5 AND status = 'confirmed'))
RETURNING id
