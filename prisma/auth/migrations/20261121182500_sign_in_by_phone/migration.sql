-- AlterEnum
ALTER TYPE "sms_purpose" ADD VALUE 'register';
ALTER TYPE "sms_purpose" ADD VALUE 'reset';

-- An account that was opened by phone has no address: its number is what it is found by.
ALTER TABLE "accounts" ALTER COLUMN "email" DROP NOT NULL;
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_have_a_name" CHECK ("email" IS NOT NULL OR "email_key" LIKE '+%');

-- AlterTable
ALTER TABLE "sms_codes" ALTER COLUMN "account_id" DROP NOT NULL,
ADD COLUMN     "registration_id" UUID;

-- CreateIndex
CREATE INDEX "sms_codes_registration_id_created_at_idx" ON "sms_codes"("registration_id", "created_at");

-- CreateTable
CREATE TABLE "phone_registrations" (
    "fingerprint" BYTEA NOT NULL,
    "id" UUID NOT NULL,
    "number" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "phone_registrations_pkey" PRIMARY KEY ("fingerprint")
);

-- CreateIndex
CREATE UNIQUE INDEX "phone_registrations_id_key" ON "phone_registrations"("id");

-- CreateIndex
CREATE INDEX "phone_registrations_expires_at_idx" ON "phone_registrations"("expires_at");
