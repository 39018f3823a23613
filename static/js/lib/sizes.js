// Sizes and kinds of files, as people read them.

/** "184 KB", "5.2 MB" @param {number | null | undefined} bytes */
export function fileSize(bytes) {
  if (bytes === null || bytes === undefined) return "";
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
}

/** @type {Record<string, string>} */
const TYPES = {
  "application/pdf": "PDF",
  "text/plain": "TXT",
  "text/csv": "CSV",
  "application/zip": "ZIP",
  "application/msword": "DOC",
  "application/vnd.ms-excel": "XLS",
  "application/vnd.ms-powerpoint": "PPT",
};
/** @type {Record<string, string>} */
const COLOURS = {
  PDF: "file-red",
  DOC: "file-blue",
  DOCX: "file-blue",
  TXT: "file-grey",
  XLS: "file-green",
  XLSX: "file-green",
  CSV: "file-green",
  PPT: "file-orange",
  PPTX: "file-orange",
  ZIP: "file-grey",
};

/**
 * The three or four letters on the picture of a document, and their colour.
 * @param {string | null} filename
 * @param {string} mimeType
 */
export function fileKind(filename, mimeType) {
  const ending = /\.([A-Za-z0-9]{1,4})$/.exec(filename ?? "")?.[1]?.toUpperCase();
  const label = ending ?? TYPES[mimeType] ?? "FILE";
  return { label, colour: COLOURS[label] ?? "file-grey" };
}
