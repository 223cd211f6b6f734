-- Which versions score: active ones, and shadows beside them. No parameters. Result: as in interface Serving.
-- Reads model_version whole: a few rows.
SELECT name, version, sha256, state, spec FROM model_version WHERE state IN ('active', 'shadow') ORDER BY name, state
