-- Moves a version to another state and tells the processes. Parameters: $1 id, $2 state, $3 entries of history to add.
-- Index: model_version's primary key.
WITH moved AS (
  UPDATE model_version SET state = $2, history = history || $3::jsonb WHERE id = $1 RETURNING name
)
SELECT pg_notify('plimsoll_model', name) FROM moved
