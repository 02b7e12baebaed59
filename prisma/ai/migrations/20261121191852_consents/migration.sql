-- CreateTable
CREATE TABLE "ai_consents" (
    "user_id" UUID NOT NULL,
    "given" BOOLEAN NOT NULL,
    "version" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ai_consents_pkey" PRIMARY KEY ("user_id")
);

CREATE TRIGGER "ai_consents_refuse_erased" BEFORE INSERT ON "ai_consents"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('user_id');
