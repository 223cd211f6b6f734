-- Active versions with the reference of their training. No parameters. Result: name, sha256, spec, reference.
-- Reads model_version whole: a few rows.
SELECT name, sha256, spec, nullif(manifest -> 'reference', 'null') AS reference FROM model_version
WHERE state = 'active' ORDER BY name
