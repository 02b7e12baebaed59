-- Lets a role run the service on a schema that another one owns and migrates: it reads and writes what the service does, adds to
-- the audit log and does no more to it, and owns nothing whose triggers it could take away. To be called by the owner, once.
CREATE FUNCTION "grant_runtime_role"(runtime_role regrole) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  here text := quote_ident(current_schema());
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %s TO %s', here, runtime_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %s TO %s', here, runtime_role);
  EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %s TO %s', here, runtime_role);
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %s GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %s', here, runtime_role);
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %s GRANT USAGE, SELECT ON SEQUENCES TO %s', here, runtime_role);
  EXECUTE format('REVOKE UPDATE, DELETE ON audit_entries FROM %s', runtime_role);
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM %s', runtime_role);
END $$;
