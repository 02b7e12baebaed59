-- What was counted for a user is counted for each record of theirs from now on
ALTER TABLE "failure_counters" DROP CONSTRAINT "failure_counters_pkey",
ADD COLUMN     "record_id" UUID;

INSERT INTO "failure_counters" ("user_id", "record_id", "consecutive", "blocked_until")
SELECT "counter"."user_id", "record"."id", "counter"."consecutive", "counter"."blocked_until"
FROM "failure_counters" AS "counter"
JOIN "biometric_records" AS "record" ON "record"."user_id" = "counter"."user_id";

DELETE FROM "failure_counters" WHERE "record_id" IS NULL;

-- AlterTable
ALTER TABLE "failure_counters" ALTER COLUMN "record_id" SET NOT NULL,
ADD CONSTRAINT "failure_counters_pkey" PRIMARY KEY ("user_id", "record_id");

-- CreateTable
CREATE TABLE "failure_totals" (
    "user_id" UUID NOT NULL,
    "forgotten_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "failure_totals_pkey" PRIMARY KEY ("user_id")
);
