-- Alerts, newest first.
-- $1 ids text[], null: any · $2 account id, null: any · $3 with retracted ones boolean · $4 limit
-- Columns: as in src/api/topics/alert-row.ts. Indexes: primary key, alert_account_idx, alert_detected_idx.
SELECT a.id, a.name, a.description, a.severity, a.type, a.status, a.detector, a.alert_id AS "alertId",
       a.chain_id AS "chainId", split_part(a.account_id, ':', 2) AS address, a.account_id AS "accountId",
       a.protocol, a.height::text AS height, a.block_hash AS "blockHash", a.tx_hash AS "txHash", a.occurrences,
       a.probability, a.precision, a.usd_at_risk AS "usdAtRisk", a.reasons, a.block_timestamp AS "blockTimestamp",
       a.detected_at AS "detectedAt", a.retracted_at AS "retractedAt", a.finality, a.stage, a.addresses
FROM alert a
WHERE ($1::text[] IS NULL OR a.id = ANY ($1::text[]))
  AND ($2::text IS NULL OR a.account_id = $2::text)
  AND ($3::boolean OR a.status <> 'retracted')
ORDER BY a.detected_at DESC, a.id
LIMIT $4::int
