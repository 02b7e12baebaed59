-- AlterTable
ALTER TABLE "profiles" ALTER COLUMN "account_revision" SET DATA TYPE BIGINT;
