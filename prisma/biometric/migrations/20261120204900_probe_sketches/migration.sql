-- AlterTable
ALTER TABLE "verification_probes" ADD COLUMN     "key_id" TEXT,
ADD COLUMN     "sketch" BIT(512);
