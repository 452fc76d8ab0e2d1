import { Router } from 'express';
import { fontFile, fontSheet } from '../documents/fonts.ts';
import { ownFonts } from '../documents/pdf.ts';

const YEAR = 'public, max-age=31536000, immutable';

/** The faces of papers for browsers whose machines have none of the standard's. */
export function paperFonts(): Router {
  const router = Router();
  router.get('/papers.css', (_req, res) => {
    res.set('Cache-Control', 'public, max-age=3600').type('css').send(fontSheet(ownFonts()));
  });
  router.get('/:from/:file', (req, res, next) => {
    const file = fontFile(req.params.from, req.params.file, ownFonts());
    if (!file) return next();
    return res.sendFile(
      file.path,
      { headers: { 'Content-Type': file.type, 'Cache-Control': YEAR } },
      (error) => {
        if (error) next();
      },
    );
  });
  return router;
}
