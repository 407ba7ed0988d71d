"""`python -m litestar_vite` is `litestar-vite`."""

from litestar_vite.cli.main import main

if __name__ == "__main__":
    main()
