ALTER TABLE "biometric_records" ADD COLUMN "expires_at" TIMESTAMPTZ(3);

-- Records older than lives get the one that is given unless configured otherwise.
UPDATE "biometric_records" SET "expires_at" = "enrolled_at" + interval '3650 days';

ALTER TABLE "biometric_records" ALTER COLUMN "expires_at" SET NOT NULL;

CREATE INDEX "biometric_records_expires_at_idx" ON "biometric_records"("expires_at");
