-- The supervisor's terminal view. No parameters; one row a chain.
-- Columns: chain_id, name, head_height, head_timestamp, finalized_height, rows_last_10s, scores, open_alerts, quarantined.
-- Indexes: batch primary key (chain_id, seq), score_current_idx; alerts are counted one by one.
SELECT c.chain_id,
       c.name,
       c.head_height,
       c.head_timestamp,
       c.finalized_height,
       (SELECT coalesce(sum(b.row_count), 0)
          FROM (SELECT row_count, created_at FROM batch WHERE chain_id = c.chain_id ORDER BY seq DESC LIMIT 200) b
         WHERE b.created_at > now() - interval '10 seconds') AS rows_last_10s,
       (SELECT count(*) FROM score s WHERE s.chain_id = c.chain_id AND s.current) AS scores,
       (SELECT count(*) FROM alert a WHERE a.chain_id = c.chain_id AND a.status <> 'retracted') AS open_alerts,
       (SELECT coalesce(sum(q.stored + q.dropped), 0) FROM quarantine_emitter q WHERE q.chain_id = c.chain_id) AS quarantined
  FROM chain c
 ORDER BY c.chain_id
