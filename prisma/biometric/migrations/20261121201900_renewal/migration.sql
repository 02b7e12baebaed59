ALTER TABLE "biometric_records" ADD COLUMN "renewed_at" TIMESTAMPTZ(3),
ADD COLUMN "sample_version" INTEGER NOT NULL DEFAULT 1;

ALTER TABLE "verification_probes" ALTER COLUMN "session_id" DROP NOT NULL;
