-- Archives were kept whole: those there are end before their time, and their people can ask for others.
UPDATE "data_exports" SET "state" = 'EXPIRED', "expires_at" = NULL, "archive_bytes" = NULL,
  "link_fingerprint" = NULL, "link_expires_at" = NULL WHERE "state" = 'READY';

-- AlterTable
ALTER TABLE "data_exports" DROP COLUMN "sealed_archive";

-- CreateTable
CREATE TABLE "data_export_pieces" (
    "export_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,

    CONSTRAINT "data_export_pieces_pkey" PRIMARY KEY ("export_id","number")
);

-- AddForeignKey
ALTER TABLE "data_export_pieces" ADD CONSTRAINT "data_export_pieces_export_id_fkey" FOREIGN KEY ("export_id") REFERENCES "data_exports"("id") ON DELETE CASCADE ON UPDATE CASCADE;
