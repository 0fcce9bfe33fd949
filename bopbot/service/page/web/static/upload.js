// A resumable upload (tus 1.0.0), sent in pieces; after a lost connection it resumes at the server's offset.
import { NO_CONNECTION, Refused, ask, refusal } from "./api.js";
import { pause } from "./busy.js";

const PIECE = 4 * 2 ** 20;
const VERSION = { "Tus-Resumable": "1.0.0" };
const LONGEST_PAUSE = 15;

function patch(url, piece, offset, signal, onBytes) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PATCH", url);
    request.setRequestHeader("Tus-Resumable", VERSION["Tus-Resumable"]);
    request.setRequestHeader("Upload-Offset", offset);
    request.setRequestHeader("Content-Type", "application/offset+octet-stream");
    request.upload.onprogress = (event) => onBytes(offset + event.loaded);
    request.onerror = () => reject(new Refused(NO_CONNECTION, "The connection was lost.", 0));
    request.onabort = () => reject(signal.reason);
    request.onload = () => {
      if (request.status === 204) resolve(Number(request.getResponseHeader("Upload-Offset")));
      else reject(refusal(request.status, request.responseText, (name) => request.getResponseHeader(name)));
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(piece);
  });
}

const mayGoOn = ({ status }) => [NO_CONNECTION, 408, 409, 423, 429, 502, 503, 504].includes(status);

// Repeats an attempt after transient errors; `onLine` gets the reason and the seconds to wait, and "" when it continues.
export async function insist(attempt, signal, onLine) {
  for (let wait = 1; ; wait = Math.min(2 * wait, LONGEST_PAUSE)) {
    try {
      const answer = await attempt();
      onLine("");
      return answer;
    } catch (error) {
      if (!(error instanceof Refused) || !mayGoOn(error)) throw error;
      await pause(error.retryAfter || wait, signal, (left) => onLine(error.message, left));
    }
  }
}

export async function upload(file, signal, onBytes, onLine) {
  const begin = () =>
    ask("/api/uploads", { method: "POST", headers: { ...VERSION, "Upload-Length": file.size }, signal });
  const url = (await insist(begin, signal, onLine)).headers.get("Location");
  const stand = async () => Number((await ask(url, { method: "HEAD", headers: VERSION, signal })).headers.get("Upload-Offset"));
  let offset = 0;
  let cut = false;
  const send = async () => {
    if (cut) offset = await stand();
    cut = true;
    if (offset < file.size) offset = await patch(url, file.slice(offset, offset + PIECE), offset, signal, onBytes);
    cut = false;
  };
  signal.addEventListener("abort", () => fetch(url, { method: "DELETE", headers: VERSION }).catch(() => {}), { once: true });
  while (offset < file.size) await insist(send, signal, onLine);
  return url.split("/").pop();
}
