-- One score with everything that it can be recomputed from. Parameters: $1 id.
-- Result: as in interface StoredScore of src/scorer/verify.ts. Index: score_id_idx, then primary keys.
SELECT s.id, s.subject_id, s.model_name, s.model_version, s.model_sha256, s.feature_hash, s.features, s.height::text AS height,
       s.block_hash, s.value, s.reason_inputs, s.reason_parts, s.reasons_method, b.hash AS stored_block_hash, m.spec, f.bytes
FROM score_row s
LEFT JOIN model_version m ON m.id = s.model_name || ':' || s.model_sha256
LEFT JOIN model_file f ON f.sha256 = s.model_sha256
LEFT JOIN block b ON b.chain_id = s.chain_id AND b.height = s.height
WHERE s.id = $1
