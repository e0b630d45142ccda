"""A second, slow and plain account of the domain's rules, sharing no code with the project.

`count` says what a unit's figures are, `incidents` what steps a history yields, `feeds` and
`strategies` make untidy histories to ask about. Written from the rules alone: datetimes, exact
fractions and loops over everything, so that what it says can be checked by reading it.
"""
