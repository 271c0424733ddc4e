-- copy_quarantine.sql - what could not be taken.
-- tag: fleet
copy quarantine (workspace_id, quarantine_id, source_id, received_at, reason, pointer, detail,
                 size, sealed)
from stdin (format binary)
