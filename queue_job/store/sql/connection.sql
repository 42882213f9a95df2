-- name: limits
-- No statement may block the caller; PostgreSQL itself notices a process whose host
-- is gone, and lets its locks go. Marks made here need not survive a crash of
-- PostgreSQL: what was dispatched or started is then found by its missing lock.
SELECT set_config('statement_timeout', '15s', false),
       set_config('lock_timeout', '5s', false),
       set_config('idle_in_transaction_session_timeout', '30s', false),
       set_config('tcp_keepalives_idle', '5', false),
       set_config('tcp_keepalives_interval', '2', false),
       set_config('tcp_keepalives_count', '3', false),
       set_config('synchronous_commit', 'off', false),
       set_config('jit', 'off', false)

-- name: not_ended
-- A lock or a LISTEN that waits is no idle session. Not every version knows both.
SELECT set_config(name, '0', false) FROM pg_settings
WHERE name IN ('idle_session_timeout', 'transaction_timeout')

-- name: backend
SELECT pg_backend_pid()

-- name: kept_plans
-- These sessions run the same few statements over and over, each served by an index,
-- and plan them once. A plan must not depend on how full the table was just then: one
-- made for an empty table would read all of it later. So only indexes are to be read.
SELECT set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('enable_seqscan', 'off', false),
       set_config('enable_bitmapscan', 'off', false)

-- name: runner_limits
-- The runner serves many databases one after the other: none may block it for long. Nor
-- may one block a worker that asks for its secret.
SELECT set_config('statement_timeout', '2500ms', false),
       set_config('lock_timeout', '1s', false)

-- name: databases
SELECT datname FROM pg_database
WHERE datdba = (SELECT usesysid FROM pg_user WHERE usename = current_user)
  AND NOT datistemplate AND datallowconn AND datname <> ALL(%(templates)s)
