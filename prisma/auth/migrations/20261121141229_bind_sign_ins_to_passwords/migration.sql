-- PostgreSQL 12 and later add several values in one transaction.
ALTER TYPE "security_mail_kind" ADD VALUE 'second_factor_added';
ALTER TYPE "security_mail_kind" ADD VALUE 'second_factor_removed';

-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "password_version" INTEGER NOT NULL DEFAULT 1;

-- Sign-ins that wait for a code begin anew: they live five minutes, and it is not known which password they began with.
DELETE FROM "mfa_challenges";
ALTER TABLE "mfa_challenges" ADD COLUMN     "password_version" INTEGER NOT NULL;

-- Keys are bound to the person from now on. None was in use outside development.
DELETE FROM "audit_people";
