/** Where the attachment of a paper begins in its PDF, and how long it is there. */
const ATTACHED = /<<\/Length (\d+)\/Type\/EmbeddedFile\/Filter\/FlateDecode[^\n]*>>\s*stream\r?\n/;

async function inflated(bytes: Blob): Promise<string> {
  return new Response(bytes.stream().pipeThrough(new DecompressionStream('deflate'))).text();
}

/** The text of the file that is attached to a paper: that of the file itself, or what is found in the PDF; nothing where nothing is attached. */
export async function attachedTo(file: Blob): Promise<string | undefined> {
  // Every byte is one letter, so that places in the text are places in the file.
  const text = new TextDecoder('latin1').decode(await file.arrayBuffer());
  if (!text.startsWith('%PDF-')) return file.text();
  const found = ATTACHED.exec(text);
  if (found === null) return undefined;
  const begin = found.index + found[0].length;
  return inflated(file.slice(begin, begin + Number(found[1])));
}
