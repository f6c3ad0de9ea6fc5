// Sends the files of a form one by one, and goes on after a lost connection, a reload or a restarted server.
//   <form data-uploads="id of the JSON with addresses and words"> with the pieces of templates/evidence/_uploads.html
// tus-js-client (window.tus) does the sending, with uploads-browser.js. Without it, or without this script, the form is sent as it stands.
const { tus } = window;
const { MOST, dropped, forgetOld, memory, remembered } = window.c360Uploads;
const form = document.querySelector("form[data-uploads]");
const AT_ONCE = 3; // the server lets a person have five open uploads
const PIECE = 16 * 1024 * 1024;
const DELAYS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000];
const BUSY = ["waiting", "sending", "lost", "again", "signIn", "full"];
const GOING = [...BUSY, "received", "paused"];
const IN = ["added", "unpacked"]; // nothing is left to do for these
const CAME = [...IN, "checking", "unpacking", "held"];
const WRONG = ["refused", "held", "stopped", "again", "signIn"];
const HALF_HOUR = 1800000;
const ASKED_AT_ONCE = 80; // addresses may have some 4,000 characters
const QUIET = 8000; // changes are read out together, and no more often than this
const BUTTONS = {
  chosen: ["remove"],
  waiting: ["remove"],
  sending: ["pause", "cancel"],
  lost: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  again: ["retry", "cancel"],
  signIn: ["cancel"],
  full: ["cancel"],
  refused: ["remove"],
};
const LITTER = /^(\.|~\$|thumbs\.db$|desktop\.ini$)/i;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function start() {
  const settings = JSON.parse(document.getElementById(form.dataset.uploads).textContent);
  const { say } = settings;
  const one = (name) => form.querySelector(`[data-upload-${name}]`);
  const [list, summary, over, drop] = ["list", "summary", "over", "drop"].map(one);
  const model = document.querySelector("template[data-upload-row]");
  const files = [];
  let [token, asking, told, spoken] = [form.elements.csrfmiddlewaretoken.value, false, null, 0];

  // --- showing -----------------------------------------------------------------------------------------
  function show(item, status, words = "") {
    item.status = status;
    const percent = Math.floor(item.percent);
    const text = words || fill(say[status] ?? "", { percent });
    write(item, text, item.links ?? []);
    item.row.querySelector("[data-upload-bar]").value = percent;
    for (const button of item.row.querySelectorAll("[data-upload-do]")) {
      const wanted = (BUTTONS[status] ?? []).includes(button.dataset.uploadDo);
      if (!wanted && document.activeElement === button) item.row.focus(); // the focus must not be lost with it
      button.hidden = !wanted;
    }
    item.row.classList.toggle("c360-upload--wrong", WRONG.includes(status));
    later();
  }

  // Only what changed is written, so that a link that has the focus keeps it.
  function write(item, text, links) {
    const shown = JSON.stringify([text, links]);
    if (item.shown === shown) return;
    item.shown = shown;
    const place = item.row.querySelector("[data-upload-words]");
    const focused = [...place.querySelectorAll("a")].indexOf(document.activeElement);
    place.textContent = text;
    for (const [words, url] of links) place.append(" \u00b7 ", link(url, words));
    if (focused >= 0) (place.querySelectorAll("a")[focused] ?? item.row).focus();
  }

  const link = (url, text) => Object.assign(document.createElement("a"), { href: url, textContent: text, className: "govuk-link" });

  function later() {
    const going = files.some((item) => GOING.includes(item.status) || item.follow);
    if (!going) {
      window.clearTimeout(told); // the end is not waited for
      told = null;
    }
    told ??= window.setTimeout(tell, going ? Math.max(600, spoken + QUIET - Date.now()) : 600);
    const busy = files.some((item) => BUSY.includes(item.status) && item.status !== "chosen");
    window[busy ? "addEventListener" : "removeEventListener"]("beforeunload", warn);
  }

  function tell(first = "") {
    window.clearTimeout(told);
    [told, spoken] = [null, Date.now()];
    const count = (...names) => files.filter((item) => names.includes(item.status)).length;
    const sent = files.filter((item) => !["chosen", "cancelled"].includes(item.status)).length;
    const parts = [first];
    if (count("chosen")) parts.push(fill(say.summaryChosen, { count: count("chosen") }));
    if (sent) parts.push(`${fill(say.summary, { added: count(...IN), all: sent })}.`);
    for (const [words, names] of [["summarySending", ["sending", "waiting", "lost"]], ["summaryChecking", ["received", "checking", "unpacking"]], ["summaryHeld", ["held"]], ["summaryRefused", ["refused", "stopped"]], ["summaryWaiting", ["paused", "again", "signIn"]]]) {
      if (count(...names)) parts.push(`${fill(say[words], { count: count(...names) })}.`);
    }
    const text = parts.filter(Boolean).join(" ");
    if (summary.textContent !== text) summary.textContent = text;
    finish(count("added", "checking"), count(...CAME), sent);
  }

  function finish(added, came, sent) {
    const going = files.some((item) => GOING.includes(item.status) || item.status === "chosen");
    over.hidden = !sent || going || !came;
    if (over.hidden) return;
    const text = ending();
    if (over.firstChild?.textContent === text && over.querySelectorAll("a").length === (added ? 2 : 1)) return;
    const focused = over.contains(document.activeElement);
    const ways = Object.assign(document.createElement("p"), { className: "govuk-body" });
    const words = Object.assign(ways.cloneNode(), { textContent: text });
    words.classList.add("govuk-!-font-weight-bold");
    if (added) ways.append(link(settings.describe, say.describe), " · ");
    ways.append(link(settings.list, say.reload));
    over.replaceChildren(words, ways);
    if (focused) over.querySelector("a").focus();
  }

  function ending() {
    const some = (...names) => files.some((item) => names.includes(item.status));
    if (some("held")) return say.overHeld;
    if (some("refused", "stopped")) return say.partly;
    return files.some((item) => item.follow) ? say.overChecking : say.over;
  }

  const warn = (event) => event.preventDefault();
  // --- the list ----------------------------------------------------------------------------------------
  function add(found) {
    let first = "";
    for (const { file, path } of found) {
      const shown = path || file.name;
      if (LITTER.test(file.name)) continue;
      const key = [shown, file.size, file.lastModified].join("|");
      if (files.some((item) => item.key === key && !["cancelled", "refused"].includes(item.status))) {
        first = fill(say.twice, { name: shown });
      } else if (files.filter((item) => item.status === "chosen").length >= MOST) {
        first = fill(say.many, { most: MOST });
      } else files.push(item(file, path, shown, key));
    }
    later();
    if (first) tell(first);
  }

  function item(file, path, shown, key) {
    const row = model.content.firstElementChild.cloneNode(true);
    const made = { file, path, key, row, percent: 0, status: "chosen", tries: 0 };
    row.tabIndex = -1;
    row.querySelector("[data-upload-name]").textContent = `${shown} (${size(file.size)})`;
    row.querySelector("[data-upload-bar]").setAttribute("aria-label", fill(say.progress, { name: shown }));
    row.querySelectorAll("[data-upload-of]").forEach((place) => (place.textContent = `: ${shown}`));
    row.addEventListener("click", (event) => {
      const button = event.target.closest("[data-upload-do]");
      if (button) act[button.dataset.uploadDo](made);
    });
    list.append(row);
    show(made, "chosen");
    return made;
  }

  const size = (bytes) => (bytes === 0 ? say.empty : bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

  const act = {
    remove(made) {
      files.splice(files.indexOf(made), 1);
      made.row.remove();
      form.elements.files.focus();
      later();
    },
    pause(made) {
      made.upload?.abort();
      show(made, "paused");
      pump();
    },
    resume: again,
    retry: again,
    async cancel(made) {
      window.clearTimeout(made.timer);
      show(made, "cancelled");
      await made.upload?.abort(Boolean(made.url)).catch(() => {}); // what stays there ends by itself after a day
      pump();
    },
  };

  // --- sending -----------------------------------------------------------------------------------------
  function again(made) {
    window.clearTimeout(made.timer);
    show(made, "waiting");
    pump();
  }

  function pump() {
    for (const made of files) {
      if (files.filter((other) => ["sending", "lost"].includes(other.status)).length >= AT_ONCE) return;
      if (made.status === "waiting") send(made);
    }
  }

  async function send(made) {
    show(made, "sending");
    const upload = new tus.Upload(made.file, options(made));
    made.upload = upload;
    if (!made.url) {
      const [before] = await upload.findPreviousUploads();
      if (before) upload.resumeFromPreviousUpload(before);
    }
    if (made.upload === upload && made.status === "sending") upload.start();
  }

  function wait(made, status, ms, words = "") {
    show(made, status, words);
    made.timer = window.setTimeout(() => made.status === status && again(made), ms);
  }

  const options = (made) => ({
    endpoint: settings.uploads,
    uploadUrl: made.url ?? null,
    chunkSize: PIECE,
    retryDelays: DELAYS,
    removeFingerprintOnSuccess: true,
    urlStorage: memory,
    fingerprint: () => remembered([settings.person, settings.uploads, made.key].join("|")),
    metadata: {
      filename: made.file.name,
      path: made.path.slice(-300),
      modified: String(made.file.lastModified),
      token: form.elements.token.value,
    },
    onBeforeRequest: (request) => request.setHeader("X-CSRFToken", token),
    onUploadUrlAvailable: () => (made.url = made.upload.url),
    onProgress(done, all) {
      made.percent = (done * 100) / all;
      if (["sending", "lost"].includes(made.status)) show(made, "sending");
    },
    onShouldRetry(error) {
      const status = error.originalResponse?.getStatus() ?? 0;
      if (status === 0 || (status >= 500 && status !== 507)) show(made, "lost");
      return status === 0 || (status >= 500 && status !== 507) || [409, 423, 460].includes(status);
    },
    onSuccess() {
      made.percent = 100;
      made.url = made.upload.url;
      show(Object.assign(made, { asked: 0 }), "received");
      watch();
      pump();
    },
    onError: (error) => failed(made, error),
  });

  function failed(made, error) {
    const answer = error.originalResponse;
    const status = answer?.getStatus() ?? 0;
    const isPage = (answer?.getHeader("Content-Type") ?? "").startsWith("text/html");
    if (status === 0 || (status >= 500 && status !== 507)) wait(made, "again", 60000);
    else if (status === 401 || (status === 403 && isPage)) signIn(made);
    else if (status === 428 && made.tries++ < 3) tellWords().then((isTold) => (isTold ? again(made) : show(made, "refused")));
    else if (status === 429) wait(made, "full", 10000);
    else if (status === 507) wait(made, "again", 60000, answer.getBody());
    else if (status === 410 && made.tries++ < 3) again(Object.assign(made, { url: null }));
    else show(made, "refused", isPage ? say.blocked : answer.getBody() || say.refused);
    pump();
  }

  // Somebody who signed in again has another token; one who has not yet is asked to, and the upload waits.
  async function signIn(made) {
    if (made.tries++ > 2) show(made, "signIn");
    for (;;) {
      const states = await ask([]);
      if (!["sending", "lost", "signIn"].includes(made.status)) return;
      if (states) break;
      show(made, "signIn");
      await pause(5000);
    }
    again(made);
  }

  // The states of these uploads; null when nobody is signed in, undefined when the server cannot be reached.
  async function ask(ids) {
    try {
      const query = new URLSearchParams(ids.map((id) => ["id", id]));
      if (files.some((made) => BUSY.includes(made.status))) query.set("more", "1"); // the words are still needed
      const answer = await fetch(`${settings.states}?${query}`, { redirect: "manual", headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) return null;
      const told = await answer.json();
      token = told.token;
      return told.uploads;
    } catch {
      return undefined;
    }
  }

  // Asks for all files at once until the last check of the last one has ended, ever more slowly, and not for ever.
  async function watch() {
    if (asking) return;
    asking = true;
    const id = (made) => made.url.replace(/\/+$/, "").split("/").pop();
    const open = (made) => made.status === "received" || made.follow;
    for (let since = Date.now(); files.some(open) && Date.now() - since < HALF_HOUR; ) {
      const waited = Date.now() - since;
      await pause(waited < 30000 ? 1500 : waited < 180000 ? 5000 : 15000);
      const waiting = files.filter(open).sort((one, other) => one.asked - other.asked).slice(0, ASKED_AT_ONCE);
      waiting.forEach((made) => (made.asked = Date.now()));
      for (const fate of (waiting.length && (await ask(waiting.map(id)))) || []) {
        const made = waiting.find((other) => id(other) === fate.id);
        if (!made || !open(made) || fate.state === "finishing") continue;
        const before = made.shown;
        const status = [...CAME, "stopped"].includes(fate.state) ? fate.state : "refused";
        show(Object.assign(made, { links: fate.links, follow: fate.waits }), status, `${fate.word}. ${fate.words}`);
        if (made.shown !== before) since = Date.now();
      }
    }
    for (const made of files.filter(open)) show(Object.assign(made, { follow: false }), made.status, say.later);
    asking = false;
  }

  async function tellWords() {
    const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    if (files.filter((made) => made.status !== "cancelled").length > 1) body.set("title", "");
    const send = () =>
      fetch(settings.words, { method: "POST", body, redirect: "manual", headers: { "X-CSRFToken": token, "X-Requested-With": "fetch" } });
    form.previousElementSibling?.matches("[data-upload-wrong]") && form.previousElementSibling.remove();
    try {
      let answer = await send();
      if (answer.status === 403 && (await ask([]))) answer = await send(); // signed in anew meanwhile
      if (answer.ok) return true;
      if (answer.type === "opaqueredirect") tell(say.signIn);
      else wrong(await answer.text());
    } catch {
      tell(say.again);
    }
    return false;
  }

  function wrong(html) {
    const box = document.createElement("div");
    box.dataset.uploadWrong = "";
    box.tabIndex = -1;
    box.innerHTML = html; // this server's own template, escaped there
    form.before(box);
    box.focus();
  }

  // --- listening ---------------------------------------------------------------------------------------
  form.addEventListener("submit", async (event) => {
    const chosen = files.filter((made) => made.status === "chosen");
    if (!chosen.length && !files.some((made) => GOING.includes(made.status))) return; // the server says what is missing
    event.preventDefault();
    event.stopPropagation();
    if (!chosen.length || !(await tellWords())) return;
    chosen.filter((made) => made.status === "chosen").forEach((made) => show(made, "waiting"));
    tell(); // at once: "Press Add files" is over
    summary.scrollIntoView({ block: "center" }); // the list stands above the button that was pressed
    pump();
  });
  const pick = ({ target }) => {
    add([...target.files].map((file) => ({ file, path: file.webkitRelativePath ?? "" })));
    target.value = "";
  };
  form.elements.files.addEventListener("change", pick);
  document.getElementById("upload-folder").addEventListener("change", pick);
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  const light = (on) => drop.classList.toggle("c360-drop--over", on);
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => carries(event) && event.preventDefault()); // a near miss must not leave the page
  }
  drop.addEventListener("dragover", () => light(true));
  drop.addEventListener("dragleave", (event) => drop.contains(event.relatedTarget) || light(false));
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    light(false);
    add(await dropped(event.dataTransfer));
  });
  window.addEventListener("online", () => files.filter((made) => made.status === "again").forEach(again));
  document.querySelectorAll("[data-upload-scripted]").forEach((piece) => (piece.hidden = false));
  document.querySelectorAll("[data-upload-plain]").forEach((piece) => (piece.hidden = true));
  drop.classList.add("c360-drop--on");
  forgetOld();
}

if (form && tus?.isSupported) start();
