-- CreateTable
CREATE TABLE "signing_keys" (
    "id" TEXT NOT NULL,
    "public_x" TEXT NOT NULL,
    "sealed_key" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "signs_from" TIMESTAMPTZ(3),
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("id")
);

-- One key signs and one waits its turn, whatever replicas do at the same time.
CREATE UNIQUE INDEX "signing_keys_one_current" ON "signing_keys" ((TRUE)) WHERE "signs_from" IS NOT NULL AND "retired_at" IS NULL;
CREATE UNIQUE INDEX "signing_keys_one_next" ON "signing_keys" ((TRUE)) WHERE "signs_from" IS NULL AND "retired_at" IS NULL;
