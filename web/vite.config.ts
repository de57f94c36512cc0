import react from '@vitejs/plugin-react';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const OUT = 'dist';

/** Each page is a folder with an index.html; what they share, and all their hashed files, is below app/assets. */
export default defineConfig({
  appType: 'mpa',
  plugins: [react(), precompress()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: 'es2024',
    // The gateway's policy allows no data: scripts; small files are files all the same.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 5000,
    rolldownOptions: {
      input: ['app/index.html', 'graphiql/index.html'],
      output: {
        entryFileNames: 'app/assets/[name]-[hash].js',
        chunkFileNames: 'app/assets/[name]-[hash].js',
        assetFileNames: 'app/assets/[name]-[hash][extname]',
      },
    },
  },
  worker: {
    format: 'es',
    rolldownOptions: { output: { entryFileNames: 'app/assets/[name]-[hash].js' } },
  },
});

/** Writes compressed copies beside the text files, which whoever serves them may send as they are. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    closeBundle() {
      for (const file of globSync(`${OUT}/**/*.{html,js,css,svg}`)) {
        const text = readFileSync(file);
        writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(text));
      }
    },
  };
}
