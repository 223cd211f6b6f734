-- Whether any signer signed another report than $3 for a feed's round.
-- Parameters: $1 feed row, $2 round, $3 report id. Result: one row when so. Index: oracle_report_round_idx,
-- unique (report_id, signer).
SELECT r.id FROM oracle_report r JOIN oracle_signature s ON s.report_id = r.id
WHERE r.feed_id = $1 AND r.round = $2 AND r.id <> $3 AND s.signature IS NOT NULL LIMIT 1
