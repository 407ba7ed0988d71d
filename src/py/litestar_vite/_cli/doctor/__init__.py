"""`litestar assets doctor`: checks a project for common problems, explains them, and fixes some automatically."""
