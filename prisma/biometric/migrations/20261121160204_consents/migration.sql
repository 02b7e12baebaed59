-- CreateTable
CREATE TABLE "biometric_consents" (
    "user_id" UUID NOT NULL,
    "given" BOOLEAN NOT NULL,
    "version" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "biometric_consents_pkey" PRIMARY KEY ("user_id")
);

CREATE TRIGGER "biometric_consents_refuse_erased" BEFORE INSERT ON "biometric_consents"
  FOR EACH ROW EXECUTE FUNCTION "refuse_erased_person"('user_id');
