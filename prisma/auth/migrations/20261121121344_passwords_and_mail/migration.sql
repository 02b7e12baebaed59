-- CreateEnum
CREATE TYPE "link_purpose" AS ENUM ('confirm_address', 'reset_password');

-- CreateEnum
CREATE TYPE "security_mail_kind" AS ENUM ('confirm_address', 'address_taken', 'reset_password', 'password_changed');

-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "email_verified_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "former_passwords" (
    "id" BIGSERIAL NOT NULL,
    "account_id" UUID NOT NULL,
    "password_hash" TEXT NOT NULL,
    "replaced_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "former_passwords_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "one_time_links" (
    "fingerprint" BYTEA NOT NULL,
    "account_id" UUID NOT NULL,
    "purpose" "link_purpose" NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "one_time_links_pkey" PRIMARY KEY ("fingerprint")
);

-- CreateTable
CREATE TABLE "security_mails" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "kind" "security_mail_kind" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "minute" BIGINT NOT NULL,
    "due_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "security_mails_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "former_passwords_account_id_id_idx" ON "former_passwords"("account_id", "id");

-- CreateIndex
CREATE INDEX "one_time_links_account_id_purpose_idx" ON "one_time_links"("account_id", "purpose");

-- CreateIndex
CREATE INDEX "one_time_links_expires_at_idx" ON "one_time_links"("expires_at");

-- CreateIndex
CREATE INDEX "security_mails_due_at_idx" ON "security_mails"("due_at");

-- CreateIndex
CREATE INDEX "security_mails_created_at_idx" ON "security_mails"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "security_mails_account_id_kind_minute_key" ON "security_mails"("account_id", "kind", "minute");

-- AddForeignKey
ALTER TABLE "former_passwords" ADD CONSTRAINT "former_passwords_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "one_time_links" ADD CONSTRAINT "one_time_links_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "security_mails" ADD CONSTRAINT "security_mails_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
