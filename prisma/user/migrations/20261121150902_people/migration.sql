CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

-- By hand: a name as it is searched for and sorted by. Compatibility forms are taken apart (UAX 15, NFKD), marks and case go,
-- and letters that do not come apart get their usual spelling. 200 characters fit into an index, whatever NFKD makes of them.
CREATE FUNCTION "user"."fold_name"(name TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(
    replace(replace(replace(
        translate(regexp_replace(normalize(lower(coalesce(name, '')), NFKD), U&'[\0300-\036F]', '', 'g'), 'øłđı', 'oldi'),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
    200);

-- CreateEnum
CREATE TYPE "audience" AS ENUM ('EVERYONE', 'CONTACTS', 'NOBODY');

-- CreateEnum
CREATE TYPE "person_status" AS ENUM ('ONLINE', 'AWAY', 'BUSY', 'OFFLINE');

-- CreateEnum
CREATE TYPE "deleted_by" AS ENUM ('SELF', 'ADMINISTRATOR');

-- AlterTable
ALTER TABLE "profiles" ADD COLUMN     "account_revision" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "date_of_birth" DATE,
ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "deleted_by" "deleted_by",
ADD COLUMN     "email_verified" BOOLEAN,
ADD COLUMN     "mfa_enabled" BOOLEAN,
ADD COLUMN     "phone" TEXT,
ADD COLUMN     "role" TEXT,
ADD COLUMN     "search_name" TEXT NOT NULL GENERATED ALWAYS AS ("user"."fold_name"("display_name")) STORED,
ADD COLUMN     "searchable" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "shows_age" "audience" NOT NULL DEFAULT 'NOBODY',
ADD COLUMN     "shows_phone" "audience" NOT NULL DEFAULT 'NOBODY',
ADD COLUMN     "shows_profile" "audience" NOT NULL DEFAULT 'EVERYONE',
ADD COLUMN     "shows_status" "audience" NOT NULL DEFAULT 'CONTACTS',
ADD COLUMN     "status" "person_status",
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "preferences" (
    "user_id" UUID NOT NULL,
    "document" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "preferences_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "contacts" (
    "owner_id" UUID NOT NULL,
    "contact_id" UUID NOT NULL,
    "nickname" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "contacts_pkey" PRIMARY KEY ("owner_id","contact_id")
);

-- CreateTable
CREATE TABLE "blocks" (
    "blocker_id" UUID NOT NULL,
    "blocked_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "blocks_pkey" PRIMARY KEY ("blocker_id","blocked_id")
);

-- CreateIndex
CREATE INDEX "contacts_contact_id_idx" ON "contacts"("contact_id");

-- CreateIndex
CREATE INDEX "contacts_owner_id_created_at_contact_id_idx" ON "contacts"("owner_id", "created_at", "contact_id");

-- CreateIndex
CREATE INDEX "blocks_blocked_id_idx" ON "blocks"("blocked_id");

-- CreateIndex
CREATE INDEX "blocks_blocker_id_created_at_blocked_id_idx" ON "blocks"("blocker_id", "created_at", "blocked_id");

-- CreateIndex
CREATE INDEX "profiles_created_at_user_id_idx" ON "profiles"("created_at", "user_id");

-- CreateIndex
CREATE INDEX "profiles_updated_at_user_id_idx" ON "profiles"("updated_at", "user_id");

-- CreateIndex
CREATE INDEX "profiles_search_name_user_id_idx" ON "profiles"("search_name", "user_id");

CREATE INDEX "profiles_search_name_trgm_idx" ON "profiles" USING GIN ("search_name" public.gin_trgm_ops);
