-- Current scores of an account, riskiest first.
-- $1 account id. Columns: as in src/api/topics/score-row.ts. Index: primary key of score.
SELECT s.id, s.model_name AS "modelName", s.model_version AS "modelVersion", s.model_sha256 AS "modelSha256",
       s.feature_hash AS "featureHash", s.value, s.credit_score AS "creditScore", s.horizons, s.height::text AS height, s.block_hash AS "blockHash", s."timestamp",
       s.reasons, s.reasons_method AS "reasonsMethod"
FROM score s
WHERE s.account_id = $1::text AND s.current
ORDER BY s.value DESC, s.id
LIMIT 100
