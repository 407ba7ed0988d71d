"""The command line: `litestar assets …` in a project, `litestar-vite …` anywhere. Nothing else of this package imports
it.
"""
