-- CreateTable
CREATE TABLE "service_clients" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "service_clients_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "service_client_secrets" (
    "id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "fingerprint" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "service_client_secrets_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "service_clients_created_at_id_idx" ON "service_clients"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "service_client_secrets_fingerprint_key" ON "service_client_secrets"("fingerprint");

-- CreateIndex
CREATE INDEX "service_client_secrets_client_id_idx" ON "service_client_secrets"("client_id");

-- AddForeignKey
ALTER TABLE "service_client_secrets" ADD CONSTRAINT "service_client_secrets_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "service_clients"("id") ON DELETE CASCADE ON UPDATE CASCADE;
