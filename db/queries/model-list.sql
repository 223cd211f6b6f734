-- Versions of a model, or of all, by name; active, shadow, candidates, retired. Parameters: $1 name, null: all.
-- Result: as in interface Version of src/models/versions.ts. Reads model_version whole: a few rows.
SELECT id, name, version, sha256, state, history, spec, metrics, card, golden FROM model_version
WHERE $1::text IS NULL OR name = $1
ORDER BY name, array_position(ARRAY['active', 'shadow', 'candidate', 'retired'], state), id
