-- CreateTable
CREATE TABLE "erased_people" (
    "fingerprint" BYTEA NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "erased_people_pkey" PRIMARY KEY ("fingerprint")
);

-- Refuses a row about somebody who was erased. Its arguments are the columns that name people. The lock is shared with
-- whoever else writes about them and not with their erasure: what is written before it is found by it, what comes after it
-- meets the fingerprint. SQLSTATE ZP001 is this house's own, see platform/database/translate-database-errors.ts.
CREATE FUNCTION "refuse_erased_person"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  person_column text;
  person text;
  is_erased boolean;
BEGIN
  FOREACH person_column IN ARRAY TG_ARGV LOOP
    EXECUTE format('SELECT ($1).%I::text', person_column) INTO person USING NEW;
    CONTINUE WHEN person IS NULL;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('erasure of ' || person, hashtext(TG_TABLE_SCHEMA)));
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.erased_people WHERE fingerprint = sha256(convert_to($1, ''UTF8'')))', TG_TABLE_SCHEMA)
      INTO is_erased USING person;
    IF is_erased THEN
      RAISE EXCEPTION 'the person was erased' USING ERRCODE = 'ZP001';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;

CREATE TRIGGER "accounts_refuse_erased" BEFORE INSERT ON "accounts"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('id');

CREATE TRIGGER "audit_people_refuse_erased" BEFORE INSERT ON "audit_people"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('user_id');
