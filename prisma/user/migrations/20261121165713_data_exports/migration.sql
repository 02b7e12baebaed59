-- CreateEnum
CREATE TYPE "data_export_state" AS ENUM ('GATHERING', 'READY', 'FAILED', 'EXPIRED');

-- CreateTable
CREATE TABLE "data_exports" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "state" "data_export_state" NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "public_key" JSONB NOT NULL,
    "sealed_private_key" BYTEA,
    "sealed_archive" BYTEA,
    "archive_bytes" INTEGER,
    "link_fingerprint" BYTEA,
    "link_expires_at" TIMESTAMPTZ(3),
    "downloaded_at" TIMESTAMPTZ(3),

    CONSTRAINT "data_exports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "data_export_parts" (
    "export_id" UUID NOT NULL,
    "service" TEXT NOT NULL,
    "answer_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "total" INTEGER,
    "sealed" TEXT NOT NULL,

    CONSTRAINT "data_export_parts_pkey" PRIMARY KEY ("export_id","service","answer_id","number")
);

-- CreateIndex
CREATE UNIQUE INDEX "data_exports_link_fingerprint_key" ON "data_exports"("link_fingerprint");

-- CreateIndex
CREATE INDEX "data_exports_user_id_requested_at_idx" ON "data_exports"("user_id", "requested_at");

-- CreateIndex
CREATE INDEX "data_exports_state_expires_at_idx" ON "data_exports"("state", "expires_at");

-- AddForeignKey
ALTER TABLE "data_export_parts" ADD CONSTRAINT "data_export_parts_export_id_fkey" FOREIGN KEY ("export_id") REFERENCES "data_exports"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A person has one export that is gathering.
CREATE UNIQUE INDEX "data_exports_gathering_user_id_key" ON "data_exports"("user_id") WHERE "state" = 'GATHERING';

CREATE TRIGGER "data_exports_refuse_erased" BEFORE INSERT ON "data_exports"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('user_id');
