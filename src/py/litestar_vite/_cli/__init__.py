"""The command line: `litestar assets …` in a project, `litestar-vite …` anywhere.

The rest of the package never imports it.
"""
