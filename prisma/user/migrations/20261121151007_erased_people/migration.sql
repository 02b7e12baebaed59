-- CreateEnum
CREATE TYPE "erasure_state" AS ENUM ('SCHEDULED', 'ERASING', 'COMPLETED', 'CANCELLED');

-- CreateTable
CREATE TABLE "erased_people" (
    "fingerprint" BYTEA NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "erased_people_pkey" PRIMARY KEY ("fingerprint")
);

-- CreateTable
CREATE TABLE "erasures" (
    "id" UUID NOT NULL,
    "receipt_fingerprint" BYTEA NOT NULL,
    "user_id" UUID,
    "state" "erasure_state" NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "asked_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "erasures_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "erasure_acknowledgements" (
    "erasure_id" UUID NOT NULL,
    "service" TEXT NOT NULL,
    "rows" INTEGER NOT NULL,
    "acknowledged_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "erasure_acknowledgements_pkey" PRIMARY KEY ("erasure_id","service")
);

-- CreateIndex
CREATE INDEX "erasures_state_due_at_idx" ON "erasures"("state", "due_at");

-- AddForeignKey
ALTER TABLE "erasure_acknowledgements" ADD CONSTRAINT "erasure_acknowledgements_erasure_id_fkey" FOREIGN KEY ("erasure_id") REFERENCES "erasures"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A person has one erasure at a time.
CREATE UNIQUE INDEX "erasures_open_user_id_key" ON "erasures"("user_id") WHERE "state" IN ('SCHEDULED', 'ERASING');

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

CREATE TRIGGER "profiles_refuse_erased" BEFORE INSERT ON "profiles"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('user_id');

CREATE TRIGGER "activities_refuse_erased" BEFORE INSERT ON "activities"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('user_id');

CREATE TRIGGER "content_states_refuse_erased" BEFORE INSERT ON "content_states"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('author_id');

CREATE TRIGGER "erasures_refuse_erased" BEFORE INSERT ON "erasures"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('user_id');

CREATE TRIGGER "preferences_refuse_erased" BEFORE INSERT ON "preferences"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('user_id');

CREATE TRIGGER "contacts_refuse_erased" BEFORE INSERT ON "contacts"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('owner_id', 'contact_id');

CREATE TRIGGER "blocks_refuse_erased" BEFORE INSERT ON "blocks"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('blocker_id', 'blocked_id');
