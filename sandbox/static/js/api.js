/** Talks to the sandbox: JSON requests and the one live socket. */

import { discordLocale } from "./texts.js";

/** A refusal, with Discord's own code and message. */
export class Refused extends Error {
  constructor(status, body) {
    super(body?.message ?? `HTTP ${status}`);
    this.status = status;
    this.code = body?.code ?? 0;
    this.errors = body?.errors;
  }
}

/** Send one request as a member; `files` turns the body into a multipart upload. */
export async function call(method, path, { as, body, files = [], query = {} } = {}) {
  const url = new URL(`sandbox/api/${path}`, document.baseURI);
  for (const [key, value] of Object.entries({ as, ...query })) if (value !== undefined && value !== null) url.searchParams.set(key, value);
  const options = { method, headers: {} };
  if (files.length) {
    const form = new FormData();
    form.set("payload_json", JSON.stringify({ locale: discordLocale(), ...body }));
    files.forEach((file, index) => form.set(`files[${index}]`, file, file.name));
    options.body = form;
  } else if (body !== undefined) {
    options.body = JSON.stringify({ locale: discordLocale(), ...body });
    options.headers["Content-Type"] = "application/json";
  }
  const response = await fetch(url, options);
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

/** Keep one live socket open for a member; reconnects with growing pauses until `close()` is called. */
export function live(as, { onEvent, onUp, onDown }) {
  let socket = null;
  let closed = false;
  let pause = 400;
  let timer = 0;
  const open = () => {
    const url = new URL(`sandbox/live?as=${as}`, document.baseURI);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(url);
    socket.onopen = () => {
      pause = 400;
      onUp();
    };
    socket.onmessage = (message) => onEvent(JSON.parse(message.data));
    socket.onclose = () => {
      if (closed) return;
      onDown();
      timer = setTimeout(open, pause);
      pause = Math.min(pause * 1.7, 5000);
    };
  };
  open();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}
