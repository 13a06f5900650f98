"""The cross-domain master index (跨域主索引): one index id for a person across institutions, systems and regions.

Every system that knows residents (e-card applications, institutions' patient indexes, maternal-and-child care,
immunisation, regional platforms) submits identities; the index says who is the same person, keeps each system's own
number as a cross-reference, and tells subscribers of changes. A probable match is never merged by the machine: a
person decides, and another may undo it. The same services serve a city, a province and the nation.

Source: functions named in the service guide and the Shaanxi plan (P-EMPI-01 … P-EMPI-08, P-LINK-06); behaviour by
decision, for no public document gives it.
"""
