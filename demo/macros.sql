-- A number in [0, 1) that depends on the seed, on what is drawn and for whom, and on nothing else:
-- neither threads nor chunks nor the order of rows change it. The outer hash() is needed: without it
-- two draws for the same entity differ by a constant and move together.
create or replace macro uniform(draw, entity) as
    cast(hash(hash(getvariable('seed'), draw, entity)) >> 11 as double) / 9007199254740992.0;

create or replace macro exponential(draw, entity) as
    -ln(1 - uniform(draw, entity));

create or replace macro normal(draw, entity) as
    sqrt(2 * exponential(draw || ' radius', entity)) * cos(2 * pi() * uniform(draw || ' angle', entity));

-- Gamma with scale 1; shape is a multiple of one half: whole ones are sums of exponentials,
-- the half is half a squared normal.
create or replace macro gamma_draw(draw, shape, entity) as
    coalesce(list_sum(list_transform(range(floor(shape)::bigint), lambda part: exponential(draw || part, entity))), 0)
    + case when shape > floor(shape) then power(normal(draw, entity), 2) / 2 else 0 end;

-- Moves a moment within its day so that nights are quiet and evenings busy (peak about 19:00 UTC).
-- Later stays later: the order of a person's moments is kept.
create or replace macro by_daylight(moment) as
    date_trunc('day', moment) + to_seconds(least(86399, cast(floor(86400 * daylight_share(
        (epoch_us(moment) % 86400000000) / 86400000000.0
    )) as bigint)));
create or replace macro daylight_share(share) as
    share + 0.07 * (sin(2 * pi() * (share - 0.2)) + sin(2 * pi() * 0.2));

-- The night load at 03:00 UTC takes what changed on the day before.
create or replace macro night_load(changed_at) as
    date_trunc('day', changed_at) + interval 27 hours;

create or replace macro money(amount) as
    cast(round(amount, 2) as decimal(18, 4));

-- Ids that a reader can follow by eye.
create or replace macro customer_id_of(person_number) as
    'C' || lpad(person_number::varchar, 7, '0');
create or replace macro order_id_of(person_number, order_number) as
    'O' || lpad(person_number::varchar, 7, '0') || '-' || lpad(order_number::varchar, 3, '0');
create or replace macro order_key_of(person_number, number) as
    person_number * 100000 + number;
create or replace macro is_guest_person(person_number, guest_person_share) as
    uniform('guest person', person_number) < guest_person_share;

-- One person in so many is chosen for each kind of bad row; ids begin with a letter and the person's number.
create or replace macro is_chosen(id, dirt_kind, one_in) as
    cast(substr(id, 2, 7) as ubigint) % greatest(1, one_in)::ubigint = hash(dirt_kind) % greatest(1, one_in)::ubigint;
