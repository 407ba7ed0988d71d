"""The dev proxy: hands requests for modules, and the HMR socket, through to Vite on the app's own port."""
