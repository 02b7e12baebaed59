-- AlterTable
ALTER TABLE "failure_counters" RENAME COLUMN "record_id" TO "subject_id";

-- AlterTable
ALTER TABLE "failure_counters" ADD COLUMN "last_failed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now();
ALTER TABLE "failure_counters" ALTER COLUMN "last_failed_at" DROP DEFAULT;

-- AlterTable
ALTER TABLE "verification_sessions" ADD COLUMN "device_id" UUID;
