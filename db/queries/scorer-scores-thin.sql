-- Thins old scores to the rounds that a scorer far behind the head would have computed: deletes those of other rounds
-- whose subject was scored again soon after, by a score that is final by now. What goes depends on heights alone, and no
-- reorg brings it back.
-- Parameters: $1 chain id, $2 height before the range, $3 last height, $4 how soon after (blocks), $5 kept multiple.
-- Index: score_height_idx (chain_id, height), score_row's primary key (account_id, chain_id, subject_id, model_name, height).
DELETE FROM score_row s
WHERE s.chain_id = $1 AND s.height > $2 AND s.height <= $3 AND s.height % $5::bigint <> 0
  AND EXISTS (
    SELECT 1 FROM score_row n
    WHERE n.account_id = s.account_id AND n.chain_id = $1 AND n.subject_id = s.subject_id AND n.model_name = s.model_name
      AND n.height > s.height AND n.height <= s.height + $4::bigint)
