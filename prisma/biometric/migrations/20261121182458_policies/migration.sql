-- CreateEnum
CREATE TYPE "liveness_requirement" AS ENUM ('NONE', 'DEVICE_SIGNED');

-- AlterTable
ALTER TABLE "verification_sessions" ADD COLUMN     "policy_id" UUID;

-- CreateTable
CREATE TABLE "verification_policies" (
    "id" UUID NOT NULL,
    "name" VARCHAR(64) NOT NULL,
    "version" INTEGER NOT NULL,
    "modality" "biometric_type" NOT NULL,
    "false_match_rate" DOUBLE PRECISION NOT NULL,
    "minimum_quality" INTEGER NOT NULL,
    "liveness" "liveness_requirement" NOT NULL,
    "maximum_frames" INTEGER NOT NULL,
    "session_life_ms" INTEGER NOT NULL,
    "checks_duplicates" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "verification_policies_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "verification_policies_name_version_key" ON "verification_policies"("name", "version");

-- AddForeignKey
ALTER TABLE "verification_sessions" ADD CONSTRAINT "verification_sessions_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "verification_policies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;


-- A version of a policy says for ever what was decided under it: all that may come later is its retirement.
CREATE FUNCTION "refuse_changed_policy"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'retired_at') IS DISTINCT FROM (to_jsonb(OLD) - 'retired_at') THEN
    RAISE EXCEPTION 'a version of a policy never changes: write the next one';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER "verification_policies_refuse_changes" BEFORE UPDATE OR DELETE ON "verification_policies"
  FOR EACH ROW EXECUTE FUNCTION "refuse_changed_policy"();
