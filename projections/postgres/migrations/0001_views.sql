-- One row for each view, and for each reaction, which keeps its cursor beside the views. The rows of a view are in a
-- schema of its own, of the view's name, which comes and goes with it.
CREATE TABLE livret_views.views (
	name   text COLLATE "C" PRIMARY KEY,
	cursor bytea NOT NULL CHECK (length(cursor) = 16)
);

-- An audience is a role that may read the views of its name ("livret_jury" those named "jury.…"), and no other. Whoever
-- logs in is made a member of one of them. They belong to the whole server, so they may be there already.
DO $$
DECLARE audience text;
BEGIN
	FOREACH audience IN ARRAY ARRAY['family', 'jury', 'statistics', 'discipline'] LOOP
		BEGIN
			EXECUTE format('CREATE ROLE %I NOLOGIN', 'livret_' || audience);
		EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
		END;
		EXECUTE format('GRANT USAGE ON SCHEMA livret_views TO %I', 'livret_' || audience);
		EXECUTE format('GRANT SELECT ON livret_views.views TO %I', 'livret_' || audience);
	END LOOP;
END $$;
