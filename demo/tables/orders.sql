with amounts as (
    select
        orders.*,
        coalesce(money(used.points * $point_value), 0) as loyalty_discount_amount,
        orders.code_discount_amount + coalesce(money(used.points * $point_value), 0) as discount_amount,
        orders.goods_amount - orders.code_discount_amount - coalesce(money(used.points * $point_value), 0)
        as paid_goods_amount,
        orders.is_returned and not orders.has_refund_rows as has_refunded_columns
    from order_values as orders
    left join points_used as used on used.order_key = orders.order_key and used.kind = 'order'
),

charged as (
    select
        amounts.*,
        persons.customer_id,
        persons.accounts,
        persons.is_guest,
        persons.email,
        persons.currency,
        persons.acquisition_campaign_id,
        case when amounts.paid_goods_amount < $free_shipping_from then money($shipping_amount) else 0 end
        as shipping_amount,
        money(amounts.paid_goods_amount * persons.tax_rate) as tax_amount,
        -- The last thing that happened to the order itself; rows in refunds leave it as it is.
        case
            when amounts.is_cancelled then amounts.cancelled_at
            when amounts.has_refunded_columns then amounts.refunded_at
            when
                amounts.ordered_at + to_days($fulfilment_days) < $end_at
                then amounts.ordered_at + to_days($fulfilment_days)
            else amounts.ordered_at
        end as updated_at
    from amounts
    inner join persons on persons.person_number = amounts.person_number
)

select
    order_id,
    case
        when is_guest then null
        when
            not is_club_member and order_number > 1
            and uniform('guest checkout', order_key) < $guest_checkout_share
            then null
        -- Persons with several accounts use any of them, the first when they collect points.
        when accounts = 1 or is_club_member or uniform('account', order_key) < 0.5 then customer_id
        when accounts = 3 and uniform('account', order_key) < 0.75 then customer_id || '-C'
        else customer_id || '-B'
    end as customer_id,
    ordered_at,
    goods_amount as subtotal_amount,
    discount_amount,
    case
        when not has_refunded_columns then 0
        when returned_share = 1 then paid_goods_amount
        else money(paid_goods_amount * returned_share)
    end::decimal(18, 4) as refunded_amount,
    case when has_refunded_columns and returned_share = 1 then shipping_amount else 0 end::decimal(18, 4)
    as refunded_shipping_amount,
    case
        when not has_refunded_columns then 0
        when returned_share = 1 then tax_amount
        else money(tax_amount * returned_share)
    end::decimal(18, 4) as refunded_tax_amount,
    shipping_amount::decimal(18, 4) as shipping_amount,
    tax_amount,
    case when uniform('missing cost', order_key) >= $missing_cost_share then cost_amount end as cost_amount,
    currency,
    case
        when is_cancelled then 'cancelled'
        when has_refunded_columns and returned_share = 1 then 'refunded'
        when updated_at = ordered_at then 'processing'
        -- Systems do not agree on capitals.
        when uniform('capital', order_key) < 0.02 then 'Completed'
        else 'completed'
    end as status,
    case
        when is_club_member and uniform('sales channel', order_key) < 0.45 then 'app'
        when uniform('sales channel', order_key) < 0.72 then 'web'
        when uniform('sales channel', order_key) < 0.90 then 'app'
        else 'store'
    end as sales_channel,
    case
        when is_guest and uniform('no email', order_key) < $guest_without_email_share then null
        when uniform('upper', order_key) < 0.05 then upper(email)
        else email
    end as email,
    case when order_number = 1 then acquisition_campaign_id else campaign_id end as campaign_id,
    discount_code,
    case when is_club_member then 'points_club' end as loyalty_program_id,
    loyalty_discount_amount::decimal(18, 4) as loyalty_discount_amount,
    false as is_test,
    updated_at,
    night_load(updated_at) as _loaded_at
from charged
