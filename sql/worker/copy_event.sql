-- copy_event.sql - the events of a batch.
-- tag: fleet
copy event (workspace_id, source_id, event_id, pilot_id, happened_at, received_at, aid, hash, type,
            status, action, feature, object_type, object_id, correlation, mapping, properties, correction)
from stdin (format binary)
