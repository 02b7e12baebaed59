-- CreateTable
CREATE TABLE "galleries" (
    "id" UUID NOT NULL,
    "name" VARCHAR(64) NOT NULL,
    "type" "biometric_type" NOT NULL,
    "model_version" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "galleries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "gallery_members" (
    "gallery_id" UUID NOT NULL,
    "record_id" UUID NOT NULL,
    "added_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "gallery_members_pkey" PRIMARY KEY ("gallery_id","record_id")
);

-- CreateTable
CREATE TABLE "gallery_changes" (
    "id" BIGSERIAL NOT NULL,
    "xid" BIGINT NOT NULL DEFAULT ((pg_current_xact_id())::text)::bigint,
    "gallery_id" UUID NOT NULL,
    "record_id" UUID NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "gallery_changes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "galleries_name_key" ON "galleries"("name");

-- CreateIndex
CREATE INDEX "galleries_created_at_id_idx" ON "galleries"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "gallery_members_record_id_idx" ON "gallery_members"("record_id");

-- CreateIndex
CREATE INDEX "gallery_changes_xid_idx" ON "gallery_changes"("xid");

-- CreateIndex
CREATE INDEX "gallery_changes_changed_at_idx" ON "gallery_changes"("changed_at");

-- AddForeignKey
ALTER TABLE "gallery_members" ADD CONSTRAINT "gallery_members_gallery_id_fkey" FOREIGN KEY ("gallery_id") REFERENCES "galleries"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "gallery_members" ADD CONSTRAINT "gallery_members_record_id_fkey" FOREIGN KEY ("record_id") REFERENCES "biometric_records"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Whoever changes who is in a gallery, by whatever way, leaves a note of it for the replicas that hold the gallery in memory.
CREATE FUNCTION "note_gallery_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE format('INSERT INTO %I.gallery_changes (gallery_id, record_id) VALUES ($1, $2)', TG_TABLE_SCHEMA)
      USING OLD.gallery_id, OLD.record_id;
    RETURN OLD;
  END IF;
  EXECUTE format('INSERT INTO %I.gallery_changes (gallery_id, record_id) VALUES ($1, $2)', TG_TABLE_SCHEMA)
    USING NEW.gallery_id, NEW.record_id;
  RETURN NEW;
END $$;

CREATE TRIGGER "gallery_members_note_change" AFTER INSERT OR DELETE ON "gallery_members"
  FOR EACH ROW EXECUTE FUNCTION "note_gallery_change"();

-- A record with another template is to be searched by that.
CREATE FUNCTION "note_template_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'INSERT INTO %1$I.gallery_changes (gallery_id, record_id)
     SELECT gallery_id, record_id FROM %1$I.gallery_members WHERE record_id = $1', TG_TABLE_SCHEMA)
    USING NEW.record_id;
  RETURN NEW;
END $$;

CREATE TRIGGER "biometric_templates_note_change" AFTER INSERT OR UPDATE ON "biometric_templates"
  FOR EACH ROW EXECUTE FUNCTION "note_template_change"();

-- Out of use is out of every gallery.
CREATE FUNCTION "leave_galleries"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('DELETE FROM %I.gallery_members WHERE record_id = $1', TG_TABLE_SCHEMA) USING NEW.id;
  RETURN NEW;
END $$;

CREATE TRIGGER "biometric_records_leave_galleries" AFTER UPDATE OF "is_active" ON "biometric_records"
  FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active) EXECUTE FUNCTION "leave_galleries"();
