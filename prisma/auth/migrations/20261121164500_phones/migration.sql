-- CreateEnum
CREATE TYPE "sms_purpose" AS ENUM ('confirm', 'sign_in');

-- AlterEnum
ALTER TYPE "security_mail_kind" ADD VALUE 'phone_added';
ALTER TYPE "security_mail_kind" ADD VALUE 'phone_removed';

-- CreateTable
CREATE TABLE "phones" (
    "account_id" UUID NOT NULL,
    "number" TEXT NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "phones_pkey" PRIMARY KEY ("account_id")
);

-- CreateTable
CREATE TABLE "sms_codes" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "purpose" "sms_purpose" NOT NULL,
    "number" TEXT NOT NULL,
    "ip_address" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "sms_codes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "sms_codes_account_id_purpose_created_at_idx" ON "sms_codes"("account_id", "purpose", "created_at");

-- CreateIndex
CREATE INDEX "sms_codes_due_at_idx" ON "sms_codes"("due_at");

-- CreateIndex
CREATE INDEX "sms_codes_created_at_idx" ON "sms_codes"("created_at");

-- AddForeignKey
ALTER TABLE "phones" ADD CONSTRAINT "phones_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sms_codes" ADD CONSTRAINT "sms_codes_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
