-- Keeps the bytes of a model. Parameters: $1 SHA-256, $2 bytes. Index: model_file's primary key.
INSERT INTO model_file (sha256, bytes) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING
