-- One run. Parameters: $1 id. Columns: as in interface StoredRun of src/api/stress/store.ts. Index: stress_run's primary key.
SELECT id, status, error, result, model_sha256 AS "modelSha256", created_at AS "createdAt", finished_at AS "finishedAt",
       orphaned_at AS "orphanedAt"
FROM stress_run WHERE id = $1
