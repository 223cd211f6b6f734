-- Ends a run that is under way.
-- Parameters: $1 id, $2 status, $3 result or null, $4 error or null, $5 milliseconds,
-- $6 hash of what computed it, null where it did not come to that. Index: stress_run's primary key.
UPDATE stress_run SET status = $2, result = $3::jsonb, error = $4, elapsed_ms = $5,
  model_sha256 = coalesce($6, model_sha256), finished_at = clock_timestamp()
WHERE id = $1 AND status = 'running'
