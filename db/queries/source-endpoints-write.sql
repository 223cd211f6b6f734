-- Replaces what is known of a chain's endpoints. Parameters: $1 chain id, $2 endpoints (JSON list). No result.
-- Uses the primary key of source_endpoint. Rows of endpoints that are no longer configured go.
WITH given AS (
  SELECT * FROM jsonb_to_recordset($2::jsonb) AS e (ordinal integer, name text, host text, kind text, state text,
    reason text, "latencyMs" double precision, "headHeight" bigint, requests bigint, failures bigint, failovers bigint,
    "rangeBlocks" bigint)
), gone AS (
  DELETE FROM source_endpoint WHERE chain_id = $1 AND ordinal NOT IN (SELECT ordinal FROM given)
)
INSERT INTO source_endpoint
SELECT $1, ordinal, name, host, kind, state, reason, "latencyMs", "headHeight", requests, failures, failovers,
       "rangeBlocks", clock_timestamp()
FROM given
ON CONFLICT (chain_id, ordinal) DO UPDATE SET name = excluded.name, host = excluded.host, kind = excluded.kind,
  state = excluded.state, reason = excluded.reason, latency_ms = excluded.latency_ms,
  head_height = excluded.head_height, requests = excluded.requests, failures = excluded.failures,
  failovers = excluded.failovers, range_blocks = excluded.range_blocks, updated_at = excluded.updated_at
