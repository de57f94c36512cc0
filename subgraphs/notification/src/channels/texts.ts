import type { Content } from '../deliveries/delivery.ts';

/** What is sent, as text, and as HTML for those who show it. */
export type Message = { subject: string; text: string; html: string };

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);

/** HTML, escaped by itself. */
class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A template of HTML: what is put in is escaped, unless it is HTML itself. */
function html(parts: TemplateStringsArray, ...values: (string | number | Html | Html[])[]): Html {
  const toText = (value: string | number | Html | Html[]): string => {
    if (Array.isArray(value)) return value.map(toText).join('');
    return value instanceof Html ? value.text : escape(String(value));
  };
  return new Html(parts.reduce((all, part, i) => `${all}${toText(values[i - 1] ?? '')}${part}`));
}

const SUBJECT_LENGTH = 150;
/** A text of at most so many characters. */
export const shortened = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;

/** The message for people. */
export function messageOf(content: Content): Message {
  const [first] = content.items;
  const subject = content.type === 'digest' ? `${content.count} notifications` : (first?.message ?? '');
  const more = content.count - content.items.length;
  const lines = content.items.map(({ message }) => message);
  if (more > 0) lines.push(`and ${more} more`);
  const items = content.items.map(
    ({ message, createdAt }) => html`<li>${message} <small style="color:#666">${createdAt.slice(0, 16)}Z</small></li>`,
  );
  const rest = more > 0 ? html`<p>and ${more} more</p>` : html``;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${subject}</title>
      </head>
      <body style="font-family:sans-serif">
        <h1 style="font-size:1.2em">${subject}</h1>
        <ul>
          ${items}
        </ul>
        ${rest}
        <p style="color:#666;font-size:0.8em">You get this because your notification preferences ask for it.</p>
      </body>
    </html> `;
  return { subject: shortened(subject, SUBJECT_LENGTH), text: `${lines.join('\n')}\n`, html: page.text };
}

const SHORT_LENGTH = 300;

/** The same in one line. */
export function shortTextOf(content: Content): string {
  const [first] = content.items;
  const text = first?.message ?? '';
  return shortened(content.type === 'digest' ? `${content.count} notifications: ${text}` : text, SHORT_LENGTH);
}
