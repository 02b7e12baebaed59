-- AlterTable
ALTER TABLE "verification_sessions" ADD COLUMN     "likelihoods" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
ADD COLUMN     "poor_frames" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "record_ids" UUID[] DEFAULT ARRAY[]::UUID[];

UPDATE "verification_sessions" SET "record_ids" = ARRAY["record_id"];

-- What ends with a record: only sessions that are still open
CREATE INDEX "verification_sessions_open_record_ids_idx" ON "verification_sessions" USING GIN ("record_ids") WHERE "state" IN ('CREATED', 'CAPTURING', 'PROCESSING', 'MATCHING');
