"""`python -m litestar_vite` is `litestar-vite`."""

from litestar_vite._cli.main import main

if __name__ == "__main__":
    main()
