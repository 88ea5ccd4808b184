/** Shows on a terminal that something slow is under way; elsewhere nothing. */
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

export interface Progress {
  /** Puts another text beside the spinner. */
  say(text: string): void;
  /** Takes it away. */
  end(): void;
}

export function showProgress(text: string, stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { say: () => undefined, end: () => undefined };
  let shown = text;
  let frame = 0;
  const draw = () => {
    frame += 1;
    stream.write(
      `\r\u001b[K${FRAMES[frame % FRAMES.length]} ${shown.slice(0, Math.max(10, (stream.columns || 80) - 3))}`,
    );
  };
  draw();
  const timer = setInterval(draw, FRAME_MS);
  return {
    say: (next) => {
      shown = next;
    },
    end: () => {
      clearInterval(timer);
      stream.write('\r\u001b[K');
    },
  };
}
