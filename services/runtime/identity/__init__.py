"""Who is asking, and what may they see? (docs/decisions/0009-identity.md)

`principal` says who can ask; `access` holds the routes' declarations; `owners` whose a thing is; `cookies`, `codes`
and `passwords` the proofs; `directories` and `introspection` how the services share what only intake's tables know;
`rates` and `opening` the limits on guessing. What is asked for belongs to the services, not here.
"""
