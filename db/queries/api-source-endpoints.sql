-- Figures of the sources' endpoints for /metrics, one row each. No parameters. Columns: metric, labels (object), value.
-- Reads source_endpoint whole: a few rows a chain.
WITH endpoint AS (
  SELECT e.*, jsonb_build_object('chain', coalesce(c.name, e.chain_id::text), 'endpoint', e.name) AS labels
  FROM source_endpoint e LEFT JOIN chain c ON c.chain_id = e.chain_id
)
SELECT 'source_endpoint_healthy' AS metric, labels, (state = 'healthy')::int::float8 AS value FROM endpoint
UNION ALL
SELECT 'source_endpoint_set_aside', labels || jsonb_build_object('state', state, 'reason', coalesce(reason, '')), 1
FROM endpoint WHERE state <> 'healthy'
UNION ALL
SELECT 'source_endpoint_latency_seconds', labels, latency_ms / 1000 FROM endpoint WHERE latency_ms IS NOT NULL
UNION ALL
SELECT 'source_endpoint_head_height', labels, head_height::float8 FROM endpoint WHERE head_height IS NOT NULL
UNION ALL
SELECT 'source_endpoint_requests', labels, requests::float8 FROM endpoint
UNION ALL
SELECT 'source_endpoint_failures', labels, failures::float8 FROM endpoint
UNION ALL
SELECT 'source_endpoint_failovers', labels, failovers::float8 FROM endpoint
UNION ALL
SELECT 'source_endpoint_range_blocks', labels, range_blocks::float8 FROM endpoint
UNION ALL
SELECT 'source_endpoint_age_seconds', labels, extract(epoch FROM clock_timestamp() - updated_at)::float8 FROM endpoint
