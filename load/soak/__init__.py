"""The soak: millions of adversarial codes over HTTP while workers are killed, and the books checked at the end.

``python -m load.soak`` or ``make soak``. Gates on correctness alone; its rate is a figure. Source: decision.
"""
