"""`litestar assets doctor`: finds the mistakes that people make most, explains them, and mends what can be mended
safely.
"""
