"""The electronic health card (电子健康卡): its identifiers, codes, states and verbs as pure functions and plain data.

Rules: `ids`, `validity`, `qr_text`, `id_numbers`, `states`. Messages: `verbs`, and `refusals` for what is not granted.
The tables behind them stand in `reference.standard.ecard`.
"""
