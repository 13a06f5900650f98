"""The capacity report: how many verifications a second a platform carries, what they cost, and how far that reaches.

`search` looks for the saturation point in steps of an open-model load, `where_time_goes` and `cost` say what a
verification is made of, `projection` reckons what a province and the nation need. Source: decision (the published
sources name no required rate; uses are those published for Gansu and Hunan).
"""
