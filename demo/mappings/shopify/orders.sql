-- Shopify: Orders > Export > Plain CSV file. One row per line item; the order's own cells are in its first row.
-- Subtotal is after discount there; where your prices include tax, take Taxes off it too. Refunded Amount holds goods,
-- shipping and tax, unsplit: goods are filled first. There is no customer id: the e-mail stands in, hashed.
select
    "Name" as order_id, md5(lower(trim("Email"))) as customer_id, "Created at" as ordered_at, "Currency" as currency,
    money("Subtotal") + money("Discount Amount") as subtotal_amount, money("Discount Amount") as discount_amount,
    money("Shipping") as shipping_amount, money("Taxes") as tax_amount, "Discount Code" as discount_code,
    least(money("Refunded Amount"), money("Subtotal")) as refunded_amount,
    least(money("Refunded Amount") - refunded_amount, shipping_amount) as refunded_shipping_amount,
    money("Refunded Amount") - refunded_amount - refunded_shipping_amount as refunded_tax_amount,
    if("Cancelled at" is null, "Financial Status", 'cancelled') as status, "Source" as sales_channel
from export where "Subtotal" is not null
