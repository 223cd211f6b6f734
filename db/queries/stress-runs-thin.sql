-- Keeps the newest runs. Parameters: $1 how many. Index: stress_run_created_idx.
DELETE FROM stress_run WHERE status <> 'running' AND created_at < (
  SELECT created_at FROM stress_run ORDER BY created_at DESC OFFSET $1 LIMIT 1)
