-- SPDX-License-Identifier: Apache-2.0
-- The unit of work inside PostgreSQL, for scripts/bench: a bill is told from its duplicates, its sums are checked, it is settled against
-- what its person has used of the year's deductible, kept with its bytes and its outcome, posted in four lines that sum to zero, and
-- chained for the audit. Where a choice was left, it is the one that is quicker for PostgreSQL; docs/PERFORMANCE.md says which.
CREATE TABLE person (
    person_id bigint PRIMARY KEY, deductible_used bigint NOT NULL DEFAULT 0, pooled bigint NOT NULL DEFAULT 0,
    self_paid bigint NOT NULL DEFAULT 0, bills int NOT NULL DEFAULT 0) WITH (fillfactor = 50);
CREATE TABLE bill (
    message_id uuid PRIMARY KEY, person_id bigint NOT NULL, accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    envelope bytea NOT NULL, total bigint NOT NULL, pooled bigint NOT NULL, self_paid bigint NOT NULL);
CREATE TABLE posting (
    id bigserial PRIMARY KEY, message_id uuid NOT NULL, account int NOT NULL, person_id bigint NOT NULL, amount bigint NOT NULL);
CREATE TABLE chain_end (worker int PRIMARY KEY, position bigint NOT NULL, hash bytea NOT NULL) WITH (fillfactor = 10);
CREATE TABLE chain (worker int, position bigint, message_id uuid NOT NULL, hash bytea NOT NULL, PRIMARY KEY (worker, position));
CREATE SEQUENCE message CACHE 100;
INSERT INTO person (person_id) SELECT generate_series(1, :persons);
INSERT INTO chain_end SELECT generate_series(0, 127), 0, sha256('genesis');

-- Ids in order of time, as ours are: random ones would cost PostgreSQL a random page of the index each.
CREATE FUNCTION next_message_id() RETURNS uuid LANGUAGE sql AS $$ SELECT lpad(to_hex(nextval('message')), 32, '0')::uuid $$;

CREATE FUNCTION settle(
    p_message uuid, p_worker int, p_person bigint, p_quantities bigint[], p_prices bigint[], p_amounts bigint[], p_total bigint,
    p_envelope bytea) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    sum bigint := 0; used bigint; deductible bigint; v_pooled bigint; v_self_paid bigint; last bytea; v_hash bytea; v_position bigint;
BEGIN
    FOR i IN 1 .. array_length(p_amounts, 1) LOOP
        IF p_amounts[i] <= 0 OR p_amounts[i] <> p_quantities[i] * p_prices[i] THEN RAISE EXCEPTION 'an item''s amount'; END IF;
        sum := sum + p_amounts[i];
    END LOOP;
    IF sum <> p_total THEN RAISE EXCEPTION 'the total'; END IF;
    SELECT deductible_used INTO used FROM person WHERE person_id = p_person FOR UPDATE;
    IF NOT FOUND THEN RAISE EXCEPTION 'an unknown person'; END IF;
    deductible := least(greatest(130000 - used, 0), p_total);
    v_pooled := (p_total - deductible) * 80 / 100;
    v_self_paid := p_total - v_pooled;
    INSERT INTO bill (message_id, person_id, envelope, total, pooled, self_paid)
        VALUES (p_message, p_person, p_envelope, p_total, v_pooled, v_self_paid) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 0; END IF;
    UPDATE person SET deductible_used = deductible_used + deductible, pooled = pooled + v_pooled, self_paid = self_paid + v_self_paid,
        bills = bills + 1 WHERE person_id = p_person;
    INSERT INTO posting (message_id, account, person_id, amount) VALUES (p_message, 1001, p_person, v_pooled),
        (p_message, 2001, p_person, -v_pooled), (p_message, 1002, p_person, v_self_paid), (p_message, 2002, p_person, -v_self_paid);
    SELECT hash INTO last FROM chain_end WHERE worker = p_worker FOR UPDATE;
    v_hash := sha256(last || uuid_send(p_message) || int8send(p_person) || int8send(v_pooled) || int8send(v_self_paid) || p_envelope);
    UPDATE chain_end SET position = position + 1, hash = v_hash WHERE worker = p_worker RETURNING position INTO v_position;
    INSERT INTO chain VALUES (p_worker, v_position, p_message, v_hash);
    RETURN v_position;
END $$;
VACUUM ANALYZE;
