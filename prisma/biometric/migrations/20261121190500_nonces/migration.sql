-- CreateEnum
CREATE TYPE "capture_device_kind" AS ENUM ('CAMERA', 'MICROPHONE', 'IRIS_CAMERA', 'FINGERPRINT_READER');

-- AlterTable
ALTER TABLE "verification_sessions" ADD COLUMN     "nonce" VARCHAR(64);

-- CreateTable
CREATE TABLE "capture_devices" (
    "id" UUID NOT NULL,
    "kind" "capture_device_kind" NOT NULL,
    "model" VARCHAR(64) NOT NULL,
    "public_key" JSONB NOT NULL,
    "registered_at" TIMESTAMPTZ(3) NOT NULL,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "capture_devices_pkey" PRIMARY KEY ("id")
);
