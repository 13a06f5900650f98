"""Readers: in process, and virtual PC/SC readers that any PC/SC program can use.

A chip lies in an in-process reader; the card server carries that reader's slot to the `vpcd` driver of the
virtualsmartcard project; a private `pcscd` shows the driver's two slots as PC/SC readers.
Follows PC/SC part 5 (ICC resource manager) and ISO/IEC 7816-3 (reset, removal).
"""
