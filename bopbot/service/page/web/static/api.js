// Requests to the service; an error response is thrown with its message.
export class Refused extends Error {
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export const NO_CONNECTION = 0;

export function sentence(text) {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

export function refusal(status, body, header) {
  let said = "";
  try {
    said = JSON.parse(body).detail;
  } catch {
    said = `the server answered ${status}; try again`;
  }
  return new Refused(status, sentence(said), Number(header("Retry-After")) || 0);
}

export async function ask(url, options = {}) {
  let answer;
  try {
    answer = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(NO_CONNECTION, "The server cannot be reached.", 0);
  }
  if (!answer.ok) throw refusal(answer.status, await answer.text(), (name) => answer.headers.get(name));
  return answer;
}

export const askJson = async (url, options) => (await ask(url, options)).json();
