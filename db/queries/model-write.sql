-- Registers a version, or brings what is said of it up to date; the spec stays that of the first time, because stored
-- feature vectors are read by it.
-- Parameters: $1 id, $2 name, $3 version, $4 sha256, $5 spec, $6 metrics, $7 manifest, $8 golden rows, $9 card, $10 state,
-- $11 entries of history to add. Index: model_version's primary key.
INSERT INTO model_version AS m (id, name, version, sha256, spec, metrics, manifest, golden, card, state, history)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb)
ON CONFLICT (id) DO UPDATE SET metrics = excluded.metrics, manifest = excluded.manifest, golden = excluded.golden,
  card = excluded.card, state = excluded.state, history = m.history || excluded.history
