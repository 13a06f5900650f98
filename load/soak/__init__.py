"""The soak: millions of adversarial codes over HTTP while workers are killed, and the books checked at the end.

``healthcard load soak`` or ``make soak``. It judges right answers and the promises on killed workers, rows of the
catalogue; its rate is a figure. Source: decision.
"""
