"""Intake answers for a request's acceptance: it takes what customers say over every channel, gives it a number, and never
loses it afterwards. It also records what they ask later (amend, cancel, reopen), and owns accounts and sign-in.

In: HTTP. Out: topic ``service-requests``. Version 0 of a request is intake's; its life (1, 2, 3 …) is routing's.
"""
