-- AlterTable
-- Sessions that are there were opened with a password when they were created.
ALTER TABLE "sessions" ADD COLUMN     "authenticated_at" TIMESTAMPTZ(3),
ADD COLUMN     "methods" TEXT[] DEFAULT ARRAY['pwd']::TEXT[];
UPDATE "sessions" SET "authenticated_at" = "created_at";
ALTER TABLE "sessions" ALTER COLUMN "authenticated_at" SET NOT NULL, ALTER COLUMN "methods" DROP DEFAULT;

-- CreateTable
CREATE TABLE "totp_factors" (
    "account_id" UUID NOT NULL,
    "sealed_secret" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3),
    "last_step" BIGINT NOT NULL DEFAULT -1,

    CONSTRAINT "totp_factors_pkey" PRIMARY KEY ("account_id")
);

-- CreateTable
CREATE TABLE "recovery_codes" (
    "fingerprint" BYTEA NOT NULL,
    "account_id" UUID NOT NULL,

    CONSTRAINT "recovery_codes_pkey" PRIMARY KEY ("fingerprint")
);

-- CreateTable
CREATE TABLE "mfa_challenges" (
    "fingerprint" BYTEA NOT NULL,
    "account_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mfa_challenges_pkey" PRIMARY KEY ("fingerprint")
);

-- CreateIndex
CREATE INDEX "recovery_codes_account_id_idx" ON "recovery_codes"("account_id");

-- CreateIndex
CREATE INDEX "mfa_challenges_account_id_idx" ON "mfa_challenges"("account_id");

-- CreateIndex
CREATE INDEX "mfa_challenges_expires_at_idx" ON "mfa_challenges"("expires_at");

-- AddForeignKey
ALTER TABLE "totp_factors" ADD CONSTRAINT "totp_factors_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mfa_challenges" ADD CONSTRAINT "mfa_challenges_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
