"""The dev proxy: forwards requests for modules, and the HMR socket, to Vite on the app's own port."""
