-- The vault, in a database of its own. Wrapping keys are not here: a copy of this database opens nothing.
CREATE TABLE livret_keys.vault (
	one        boolean PRIMARY KEY DEFAULT true CHECK (one),
	generation bigint NOT NULL,
	kek_ref    bytea NOT NULL CHECK (length(kek_ref) = 16),
	epoch      bigint NOT NULL,
	secret     bytea NOT NULL -- wrapped
);

-- That an owner has one key of a class is for the program to see to, which makes keys one caller at a time.
CREATE TABLE livret_keys.keys (
	id          uuid PRIMARY KEY,
	owner       uuid NOT NULL,
	class       text NOT NULL,
	state       text NOT NULL,
	kek_ref     bytea NOT NULL CHECK (length(kek_ref) = 16), -- or that of the custody pair
	epoch       bigint NOT NULL,
	fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
	wrapped     bytea,                                       -- NULL: shredded
	seal        bytea NOT NULL CHECK (length(seal) = 16)
);
CREATE INDEX keys_owner ON livret_keys.keys (owner);
CREATE INDEX keys_dead ON livret_keys.keys (fingerprint) WHERE state = 'shredded';

CREATE TABLE livret_keys.pairs (
	name   text COLLATE "C" PRIMARY KEY,
	public bytea NOT NULL,
	seal   bytea NOT NULL CHECK (length(seal) = 16)
);

CREATE TABLE livret_keys.claims (
	blind bytea PRIMARY KEY CHECK (length(blind) = 32),
	owner uuid NOT NULL
);
CREATE INDEX claims_owner ON livret_keys.claims (owner);

-- The service makes keys and reads them wrapped. Who keeps custody moves them, renews what wraps them, and destroys: no
-- other role can, whatever the program does. Both belong to the whole server, so they may be there already.
DO $$
DECLARE who text;
BEGIN
	FOREACH who IN ARRAY ARRAY['livret_service', 'livret_custody'] LOOP
		BEGIN
			EXECUTE format('CREATE ROLE %I NOLOGIN', who);
		EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
		END;
		EXECUTE format('GRANT USAGE ON SCHEMA livret_keys TO %I', who);
		EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA livret_keys TO %I', who);
		EXECUTE format('GRANT INSERT ON livret_keys.keys, livret_keys.claims TO %I', who);
	END LOOP;
END $$;
GRANT UPDATE, DELETE, TRUNCATE ON livret_keys.keys TO livret_custody;
GRANT DELETE ON livret_keys.claims TO livret_custody;
GRANT INSERT, DELETE ON livret_keys.pairs TO livret_custody;
GRANT INSERT, UPDATE ON livret_keys.vault TO livret_custody;
