-- AlterEnum
ALTER TYPE "security_mail_kind" ADD VALUE 'second_factors_reset';

-- CreateTable
CREATE TABLE "mail_requests" (
    "id" UUID NOT NULL,
    "kind" "security_mail_kind" NOT NULL,
    "sign_in_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mail_requests_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "mail_requests_created_at_idx" ON "mail_requests"("created_at");
