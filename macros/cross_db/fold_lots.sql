{#- What each use takes from which lot, one after the other: an ordered fold over the uses of one member.

    `uses` is a list, in order, of structs: use_id, used_at, points, cancelled_order_id, is_lapsing (lots end by
    themselves) and new_lots, those that came since the use before: a list of structs is_endless, expires_at, earned_at,
    lot_id, available_at, order_id, is_earned and points, by whose order lots are taken. Gives a list of structs use_id,
    lot_id, is_cancelled and points. -#}
{% macro fold_lots(uses) -%}
    {{ return(adapter.dispatch('fold_lots')(uses)) }}
{%- endmacro %}

{% macro default__fold_lots(uses) -%}
    aggregate(
        {{ uses }},
        named_struct(
            'lots', cast(array() as array<struct<
                is_endless: boolean, expires_at: timestamp, earned_at: timestamp, lot_id: string,
                available_at: timestamp, order_id: string, is_earned: boolean, points: decimal(18, 4)
            >>),
            'takes', cast(array() as array<struct<
                use_id: string, lot_id: string, is_cancelled: boolean, points: decimal(18, 4)
            >>)
        ),
        (held, used) -> element_at(transform(
            array(array_sort(transform(
                filter(
                    concat(held.lots, coalesce(used.new_lots, array())),
                    lot -> not (used.is_lapsing and coalesce(lot.expires_at <= used.used_at, false))
                ),
                lot -> named_struct(
                    'turn', case
                        when coalesce(lot.order_id = used.cancelled_order_id, false)
                            then case when lot.is_earned then 0 else 1 end
                        when lot.available_at <= used.used_at then 2
                        else 3
                    end,
                    'lot', lot
                )
            ))),
            lots -> element_at(transform(
                array(transform(lots, (one, place) -> greatest(0, least(
                    one.lot.points,
                    used.points - aggregate(
                        slice(lots, 1, place), cast(0 as decimal(28, 4)),
                        (total, earlier) -> cast(total + earlier.lot.points as decimal(28, 4))
                    )
                )))),
                taken -> named_struct(
                    'lots', filter(
                        transform(lots, (one, place) -> named_struct(
                            'is_endless', one.lot.is_endless,
                            'expires_at', one.lot.expires_at,
                            'earned_at', one.lot.earned_at,
                            'lot_id', one.lot.lot_id,
                            'available_at', one.lot.available_at,
                            'order_id', one.lot.order_id,
                            'is_earned', one.lot.is_earned,
                            'points', cast(one.lot.points - taken[place] as decimal(18, 4))
                        )),
                        lot -> lot.points > 0
                    ),
                    'takes', concat(held.takes, filter(
                        transform(lots, (one, place) -> named_struct(
                            'use_id', used.use_id,
                            'lot_id', one.lot.lot_id,
                            'is_cancelled', one.turn < 2,
                            'points', cast(taken[place] as decimal(18, 4))
                        )),
                        one -> one.points > 0
                    ))
                )
            ), 1)
        ), 1)
    ).takes
{%- endmacro %}

{% macro duckdb__fold_lots(uses) -%}
    list_reduce(
        {{ uses }},
        lambda held, used: list_transform(
            [list_sort(list_transform(
                list_filter(
                    list_concat(held.lots, used.new_lots),
                    lambda lot: not (used.is_lapsing and coalesce(lot.expires_at <= used.used_at, false))
                ),
                lambda lot: {
                    'turn': case
                        when coalesce(lot.order_id = used.cancelled_order_id, false)
                            then case when lot.is_earned then 0 else 1 end
                        when lot.available_at <= used.used_at then 2
                        else 3
                    end,
                    'lot': lot
                }
            ))],
            lambda lots: list_transform(
                [list_transform(lots, lambda one: one.lot.points)],
                lambda points: list_transform(
                    [list_transform(
                        points,
                        lambda lot_points, place: greatest(0, least(
                            lot_points, used.points - coalesce(list_sum(points[1:place - 1]), 0)
                        ))
                    )],
                    lambda taken: {
                        'lots': list_filter(
                            list_transform(lots, lambda one, place: {
                                'is_endless': one.lot.is_endless,
                                'expires_at': one.lot.expires_at,
                                'earned_at': one.lot.earned_at,
                                'lot_id': one.lot.lot_id,
                                'available_at': one.lot.available_at,
                                'order_id': one.lot.order_id,
                                'is_earned': one.lot.is_earned,
                                'points': cast(one.lot.points - taken[place] as decimal(18, 4))
                            }),
                            lambda lot: lot.points > 0
                        ),
                        'takes': list_concat(held.takes, list_filter(
                            list_transform(lots, lambda one, place: {
                                'use_id': used.use_id,
                                'lot_id': one.lot.lot_id,
                                'is_cancelled': one.turn < 2,
                                'points': cast(taken[place] as decimal(18, 4))
                            }),
                            lambda one: one.points > 0
                        ))
                    }
                )[1]
            )[1]
        )[1],
        {
            'lots': cast([] as struct(
                is_endless boolean, expires_at timestamp, earned_at timestamp, lot_id varchar,
                available_at timestamp, order_id varchar, is_earned boolean, points decimal(18, 4)
            )[]),
            'takes': cast([] as struct(use_id varchar, lot_id varchar, is_cancelled boolean, points decimal(18, 4))[])
        }
    ).takes
{%- endmacro %}
