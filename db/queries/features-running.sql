-- Databases of this server in which our processes are at work. Parameters: none. Result: name; by name.
-- Index: none; one row a session.
SELECT DISTINCT datname AS name FROM pg_stat_activity
WHERE application_name LIKE 'plimsoll-%' AND datname <> 'postgres' ORDER BY name
