import { getDocumentProxy } from "unpdf";
import { BadBody } from "./bad-body.ts";
import { searchedAtMost } from "./extract.ts";

/** What one PDF may cost: reports have some dozen pages; a book is nobody's warning. */
export const pdfLimits = { bytes: 33_554_432, pages: 300, textItems: 400_000 } as const;

export const isPdf = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x25 && bytes[1] === 0x50 && bytes[2] === 0x44 && bytes[3] === 0x46 && bytes[4] === 0x2d;

/**
 * The text of a PDF, a line for each of its lines, pages one after the other. Only text is read: no script, form, picture
 * or attached file of it is looked at, and nothing is fetched.
 *
 * @throws BadBody WGL_BODY_PDF | WGL_BODY_PAGES | WGL_BODY_LARGE
 */
export const pdfText = async (bytes: Uint8Array): Promise<string> => {
  if (bytes.length > pdfLimits.bytes) throw new BadBody("WGL_BODY_LARGE", { limit: pdfLimits.bytes });
  try {
    // a copy: the library takes the bytes it is given away from us
    const pdf = await getDocumentProxy(Uint8Array.from(bytes), {
      enableXfa: false,
      stopAtErrors: false,
      verbosity: 0,
    });
    try {
      if (pdf.numPages > pdfLimits.pages)
        throw new BadBody("WGL_BODY_PAGES", { pages: pdf.numPages, limit: pdfLimits.pages });
      return await textOf(pdf);
    } finally {
      await pdf.loadingTask.destroy();
    }
  } catch (error) {
    if (error instanceof BadBody) throw error;
    // the library's own words are for nobody; its name for the mistake is ("PasswordException", "InvalidPDFException")
    throw new BadBody("WGL_BODY_PDF", { reason: error instanceof Error ? error.name : "" });
  }
};

const textOf = async (pdf: Awaited<ReturnType<typeof getDocumentProxy>>): Promise<string> => {
  const pages: string[] = [];
  let length = 0;
  let items = 0;
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number);
    let text = "";
    for (const item of (await page.getTextContent()).items) {
      if (!("str" in item)) continue;
      if (++items > pdfLimits.textItems) throw new BadBody("WGL_BODY_LARGE", { limit: pdfLimits.textItems });
      text += item.hasEOL ? `${item.str}\n` : item.str;
    }
    page.cleanup();
    length += text.length;
    if (length > searchedAtMost) throw new BadBody("WGL_TEXT_LONG", { length, limit: searchedAtMost });
    pages.push(text);
  }
  return pages.join("\n");
};
