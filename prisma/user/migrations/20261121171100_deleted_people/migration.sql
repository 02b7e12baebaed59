-- CreateIndex
CREATE INDEX "profiles_deleted_by_deleted_at_idx" ON "profiles"("deleted_by", "deleted_at");
