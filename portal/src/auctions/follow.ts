import { authorised } from '../session/authorised';
import { readEvents, type ServerEvent } from './events';

/** The wait before a stream that has ended is asked for again. */
const AGAIN_MILLISECONDS = 1_000;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function once(path: string, told: (event: ServerEvent) => void, signal: AbortSignal): Promise<boolean> {
  const answer = await authorised(
    new Request(new URL(path, window.location.origin), { signal, headers: { Accept: 'text/event-stream' } }),
  );
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!answer.ok || reader === undefined) return false;
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return false;
    const { events, rest } = readEvents(text + value);
    text = rest;
    for (const event of events) {
      told(event);
      if (event.event === 'ended') return true;
    }
  }
}

/** Follows a stream of events until it says that it has ended, or nobody listens any more; when it breaks it is taken up again. */
export async function follow(path: string, told: (event: ServerEvent) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const isOver = await once(path, told, signal).catch(() => false);
    if (isOver) return;
    await pause(AGAIN_MILLISECONDS);
  }
}
