-- Makes current exactly the scores of the last round, for a model that is asked about every subject in every round: a
-- subject of which it was silent there (closed, incomplete, or the model abstains) has no current score.
-- Parameters: $1 chain id, $2 model name, $3 height of the last round's block, -1 when there is none.
-- Index: score_current_idx (model_name, …), score_height_idx (chain_id, height).
UPDATE score_row SET current = (height = $3::bigint)
WHERE chain_id = $1 AND model_name = $2
  AND (current AND height <> $3::bigint OR NOT current AND height = $3::bigint)
