"""The web kit: what every page and every API answer shares, and no business of its own.

`app` builds an app from routers; `pages`, `words`, `dates` and `numbers` make what people read; `problems` what programs
read when refused; `bodies` reads what was sent; `middleware` surrounds each request; `sse` and `signal` make pages live.
"""
