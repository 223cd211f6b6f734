-- What a next report of each feed of a contract must heed: the highest round number that any signer signed a report
-- for, and the latest reports, newest first, with their age, from which the publisher derives its back-off.
-- Parameters: $1 contract's chain id, $2 contract, $3 how many reports to look back at.
-- Result: feed_id (bytes32), signed_round or null, statuses (text[]) or null, age_sec of the newest report or null.
-- Index: oracle_report_round_idx (backwards, past the attempts nobody signed), oracle_report_recent_idx.
SELECT f.feed_id,
       (SELECT r.round FROM oracle_report r
        WHERE r.feed_id = f.id
          AND EXISTS (SELECT FROM oracle_signature s WHERE s.report_id = r.id AND s.signature IS NOT NULL)
        ORDER BY r.round DESC LIMIT 1) AS signed_round,
       recent.statuses, recent.age_sec
FROM oracle_feed f
CROSS JOIN LATERAL (
  SELECT array_agg(r.status ORDER BY r.created_at DESC) AS statuses,
         extract(epoch FROM clock_timestamp() - max(r.created_at))::double precision AS age_sec
  FROM (SELECT status, created_at FROM oracle_report WHERE feed_id = f.id ORDER BY created_at DESC LIMIT $3) r) recent
WHERE f.chain_id = $1 AND f.contract = $2
