-- CreateEnum
CREATE TYPE "consent_kind" AS ENUM ('BIOMETRIC', 'AI', 'ANALYTICS', 'MARKETING');

-- CreateTable
CREATE TABLE "consent_changes" (
    "id" BIGSERIAL NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" "consent_kind" NOT NULL,
    "version" TEXT NOT NULL,
    "given" BOOLEAN NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "consent_changes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "consent_changes_user_id_id_idx" ON "consent_changes"("user_id", "id");

CREATE TRIGGER "consent_changes_refuse_erased" BEFORE INSERT ON "consent_changes"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('user_id');
