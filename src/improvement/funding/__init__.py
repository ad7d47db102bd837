"""The programme's money: what was agreed, which post or region it is for, what was promised and what was paid."""

ADDRESSES = ("funding",)
