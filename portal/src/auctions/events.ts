/** One server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * Reads server-sent events out of text as it comes in: what is there whole, and the rest for the next piece. The browser's own
 * EventSource sends no token.
 */
export function readEvents(text: string): { events: ServerEvent[]; rest: string } {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n');
  const rest = blocks.pop() ?? '';
  const events = blocks.flatMap((block) => {
    let [event, data] = ['message', ''];
    for (const line of block.split('\n')) {
      // A line that begins with a colon keeps the connection alive and says nothing.
      const [name, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).replace(/^ /, '')];
      if (name === 'event') event = value;
      if (name === 'data') data = data === '' ? value : `${data}\n${value}`;
    }
    return data === '' ? [] : [{ event, data }];
  });
  return { events, rest };
}
