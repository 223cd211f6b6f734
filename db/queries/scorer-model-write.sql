-- Registers a model that scores. Parameters: $1 id, $2 name, $3 version, $4 sha256, $5 spec, $6 metrics.
-- Index: model_version's primary key.
INSERT INTO model_version (id, name, version, sha256, spec, metrics) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET spec = excluded.spec, metrics = excluded.metrics
