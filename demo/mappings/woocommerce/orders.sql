-- WooCommerce: the CSV of "Order Export & Order Import for WooCommerce". Customer 0 is a guest, tied by e-mail.
-- Fees count with shipping, so that totals agree. refund_items (amount:9.50|reason:...;amount:...) holds goods,
-- shipping and tax, unsplit: goods are filled first. order_date is the shop's local time, amounts are in its currency:
-- build with --vars '{raw_timezone: Europe/Berlin, reporting_timezone: Europe/Berlin, reporting_currency: EUR}'.
select
    order_id, nullif(customer_id, '0') as customer_id, billing_email as email, order_date as ordered_at, status,
    money(order_subtotal) as subtotal_amount, money(discount_total) as discount_amount, order_currency as currency,
    money(shipping_total) + money(fee_total) as shipping_amount, money(tax_total) as tax_amount,
    least(refunded, subtotal_amount - discount_amount) as refunded_amount,
    least(refunded - refunded_amount, shipping_amount) as refunded_shipping_amount,
    refunded - refunded_amount - refunded_shipping_amount as refunded_tax_amount
from (select *, list_sum([money(amount) for amount in refund_amounts]) as refunded from (
    select *, regexp_extract_all(coalesce(refund_items, 'amount:0'), 'amount:([0-9.]+)', 1) as refund_amounts from export))
