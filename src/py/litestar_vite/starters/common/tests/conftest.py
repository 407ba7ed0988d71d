"""Before the application is imported: pages need neither Node nor a build to be tested."""

import os

os.environ.setdefault("VITE_SSR_ENABLED", "0")
