-- The figures of creators' own exports, as private as the imports that brought them.
ALTER TABLE compass_imports ADD COLUMN own jsonb;
