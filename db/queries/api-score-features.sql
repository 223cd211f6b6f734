-- One score with the feature vector that it was computed from.
-- $1 score id. Columns: modelName, modelSha256, features, reasons, reasonsMethod. Index: score_id_idx.
SELECT s.model_name AS "modelName", s.model_sha256 AS "modelSha256", s.features, s.reasons,
       s.reasons_method AS "reasonsMethod"
FROM score s
WHERE s.id = $1::text
LIMIT 1
