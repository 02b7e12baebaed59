-- CreateTable
CREATE TABLE "measured_calibrations" (
    "version" VARCHAR(64) NOT NULL,
    "modality" "biometric_type" NOT NULL,
    "algorithm" VARCHAR(64) NOT NULL,
    "model_version" VARCHAR(64) NOT NULL,
    "description" VARCHAR(500) NOT NULL,
    "genuine_trials" INTEGER NOT NULL,
    "impostor_trials" INTEGER NOT NULL,
    "thresholds" DOUBLE PRECISION[],
    "false_matches" INTEGER[],
    "false_non_matches" INTEGER[],
    "imported_at" TIMESTAMPTZ(3) NOT NULL,
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "measured_calibrations_pkey" PRIMARY KEY ("version")
);

-- CreateIndex
CREATE INDEX "measured_calibrations_modality_algorithm_model_version_impo_idx" ON "measured_calibrations"("modality", "algorithm", "model_version", "imported_at" DESC);


-- A calibration says for ever what was decided by it: all that may come later is its withdrawal.
CREATE FUNCTION "refuse_changed_calibration"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'withdrawn_at') IS DISTINCT FROM (to_jsonb(OLD) - 'withdrawn_at') THEN
    RAISE EXCEPTION 'a calibration never changes: import another one';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER "measured_calibrations_refuse_changes" BEFORE UPDATE OR DELETE ON "measured_calibrations"
  FOR EACH ROW EXECUTE FUNCTION "refuse_changed_calibration"();
