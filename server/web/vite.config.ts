import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const service = "http://127.0.0.1:8765";

export default defineConfig({
  plugins: [react()],
  build: { outDir: "../static", emptyOutDir: true, assetsInlineLimit: 0 },
  server: { proxy: { "/v1": { target: service, ws: true }, "/health": service } },
  test: { setupFiles: ["test/setup.ts"] },
});
