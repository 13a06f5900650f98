"""The access platform (接入服务平台): who may use the platform, from where, for what and how often.

Applications, institutions, terminals and operators have lives of their own (`apps`, `institutions`, `terminals`,
`operators`); `desk` has at hand what a request needs; `admission` holds a request against time window, replay, scope
and quota.
Source: platform P-ACC-01, P-ECARD-11, P-ECARD-12, P-ECARD-13.
"""
