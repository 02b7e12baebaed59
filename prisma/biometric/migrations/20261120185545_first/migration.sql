-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "biometric";

-- CreateEnum
CREATE TYPE "biometric_type" AS ENUM ('FACE', 'VOICE', 'IRIS', 'FINGERPRINT', 'MULTI');

-- CreateEnum
CREATE TYPE "verification_state" AS ENUM ('CREATED', 'CAPTURING', 'PROCESSING', 'MATCHING', 'SUCCEEDED', 'FAILED', 'EXPIRED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "verification_decision" AS ENUM ('MATCH', 'NON_MATCH');

-- CreateTable
CREATE TABLE "outbox_events" (
    "sequence" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "envelope" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_events_pkey" PRIMARY KEY ("sequence")
);

-- CreateTable
CREATE TABLE "inbox_events" (
    "consumer" TEXT NOT NULL,
    "event_id" UUID NOT NULL,
    "processed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inbox_events_pkey" PRIMARY KEY ("consumer","event_id")
);

-- CreateTable
CREATE TABLE "biometric_records" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "type" "biometric_type" NOT NULL,
    "model_version" VARCHAR(64) NOT NULL,
    "quality_score" INTEGER NOT NULL,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "enrolled_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "biometric_records_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "biometric_templates" (
    "record_id" UUID NOT NULL,
    "sealed" BYTEA NOT NULL,
    "digest" BYTEA NOT NULL,

    CONSTRAINT "biometric_templates_pkey" PRIMARY KEY ("record_id")
);

-- CreateTable
CREATE TABLE "verification_probes" (
    "record_id" UUID NOT NULL,
    "digest" BYTEA NOT NULL,
    "session_id" UUID NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "verification_probes_pkey" PRIMARY KEY ("record_id","digest")
);

-- CreateTable
CREATE TABLE "verification_sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "record_id" UUID NOT NULL,
    "state" "verification_state" NOT NULL,
    "percent" INTEGER NOT NULL,
    "attempts_left" INTEGER NOT NULL,
    "frames_taken" INTEGER NOT NULL DEFAULT 0,
    "false_match_rate" DOUBLE PRECISION NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "frame_id" UUID,
    "frame_claimed_at" TIMESTAMPTZ(3),
    "decision" "verification_decision",
    "algorithm" TEXT,
    "calibration_version" TEXT,
    "score" DOUBLE PRECISION,
    "threshold" DOUBLE PRECISION,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "verification_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "failure_counters" (
    "user_id" UUID NOT NULL,
    "consecutive" INTEGER NOT NULL,
    "blocked_until" TIMESTAMPTZ(3),

    CONSTRAINT "failure_counters_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "outbox_events_id_key" ON "outbox_events"("id");

-- CreateIndex
CREATE INDEX "inbox_events_processed_at_idx" ON "inbox_events"("processed_at");

-- CreateIndex
CREATE INDEX "biometric_records_user_id_enrolled_at_id_idx" ON "biometric_records"("user_id", "enrolled_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "verification_sessions_record_id_idx" ON "verification_sessions"("record_id");

-- AddForeignKey
ALTER TABLE "biometric_templates" ADD CONSTRAINT "biometric_templates_record_id_fkey" FOREIGN KEY ("record_id") REFERENCES "biometric_records"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "verification_probes" ADD CONSTRAINT "verification_probes_record_id_fkey" FOREIGN KEY ("record_id") REFERENCES "biometric_records"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the sweep for overdue sessions reads: only those still open
CREATE INDEX "verification_sessions_open_expires_at_idx" ON "verification_sessions"("expires_at") WHERE "state" IN ('CREATED', 'CAPTURING', 'PROCESSING', 'MATCHING');
