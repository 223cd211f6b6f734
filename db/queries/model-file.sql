-- Bytes of a model. Parameters: $1 SHA-256. Result: bytes. Index: model_file's primary key.
SELECT bytes FROM model_file WHERE sha256 = $1
