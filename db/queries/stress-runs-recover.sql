-- Fails the runs that nobody computes any more: whoever computes one holds the advisory lock of its id, and a process that
-- was killed holds nothing. No parameters. Reads stress_run whole: it is thinned to a thousand rows.
UPDATE stress_run SET status = 'failed', error = 'the process that computed it ended', finished_at = clock_timestamp()
WHERE status = 'running' AND pg_try_advisory_xact_lock(hashtextextended(id, 0))
