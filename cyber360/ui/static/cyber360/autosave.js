// Saves a form while it is being written. The form says how:
//   <form method="post" data-autosave="/address/" data-autosave-key="answer-17"> ... hidden input "version" ...
//   <p data-autosave-state aria-live="polite"></p>  and, for two texts after a clash,  <div data-autosave-clash></div>
// The address answers 200 with JSON {"version": 4, "saved": "10:42"}, or 409 with HTML that shows both texts.
// What could not be sent stays on this device under person, form and version, and is sent when the line is back.
const WAIT = 800;
const RETRY = 15000;
const KEPT_DAYS = 14;
const PREFIX = "c360-draft:";

const lang = (form, name, fallback) => form.dataset[name] || fallback;

function words(form) {
  return {
    saving: lang(form, "wordSaving", "Saving…"),
    saved: lang(form, "wordSaved", "Saved"),
    kept: lang(form, "wordKept", "Kept on this device, not sent yet"),
    restored: lang(form, "wordRestored", "Text kept on this device is back in the form, not sent yet"),
    older: lang(form, "wordOlder", "Text kept on this device; the saved text has changed since you wrote it"),
    forget: lang(form, "wordForget", "Remove this copy"),
    clash: lang(form, "wordClash", "Somebody else saved meanwhile. Both texts are shown; nothing is lost"),
    refused: lang(form, "wordRefused", "Not saved. Press the button below to see why; your text is kept on this device"),
  };
}

const fieldsOf = (form) =>
  [...form.elements].filter((e) => e.name && !["file", "password", "submit"].includes(e.type) && e.name !== "csrfmiddlewaretoken");

function read(form) {
  const body = new FormData();
  for (const element of fieldsOf(form)) {
    if (["checkbox", "radio"].includes(element.type) && !element.checked) continue;
    if (element.type === "select-multiple") {
      [...element.selectedOptions].forEach((option) => body.append(element.name, option.value));
    } else body.append(element.name, element.value);
  }
  return body;
}

const asText = (body) => JSON.stringify([...body].filter(([name]) => name !== "version"));

function restore(form, pairs) {
  const values = new Map();
  pairs.forEach(([name, value]) => values.set(name, [...(values.get(name) ?? []), value]));
  for (const element of fieldsOf(form)) {
    if (element.type === "hidden") continue;
    const mine = values.get(element.name) ?? [];
    if (["checkbox", "radio"].includes(element.type)) element.checked = mine.includes(element.value);
    else if (element.type === "select-multiple") [...element.options].forEach((o) => (o.selected = mine.includes(o.value)));
    else if (mine.length) element.value = mine[0];
  }
}

function store(action, key, value) {
  try {
    return action === "get" ? localStorage.getItem(key) : action === "set" ? localStorage.setItem(key, value) : localStorage.removeItem(key);
  } catch {
    return null; // private windows may refuse; the form's own button still saves
  }
}

export function forgetOld(now = Date.now()) {
  for (let i = localStorage.length - 1; i >= 0; i -= 1) {
    const key = localStorage.key(i);
    if (!key.startsWith(PREFIX)) continue;
    const kept = JSON.parse(localStorage.getItem(key));
    if (now - kept.at > KEPT_DAYS * 86400000) localStorage.removeItem(key);
  }
}

// At sign-out: copies of what went with a form's own button are not needed any more; what was never sent stays.
export function forgetSent() {
  for (const marker of Object.keys(localStorage).filter((key) => key.startsWith(PREFIX) && key.endsWith(":submitted"))) {
    localStorage.removeItem(JSON.parse(localStorage.getItem(marker)).key);
    localStorage.removeItem(marker);
  }
}

// Copies of an older version of the row: the row moved on meanwhile, so the person decides what to take from them.
function showOlder(form, place, base, current, say) {
  const older = Object.keys(localStorage).filter((key) => key.startsWith(`${base}:`) && key !== current && !key.endsWith(":submitted"));
  for (const key of older) {
    const { pairs } = JSON.parse(localStorage.getItem(key));
    if (asText(pairs) === asText(read(form))) {
      store("remove", key); // it was sent while the page was being left
      continue;
    }
    const box = document.createElement("div");
    const heading = document.createElement("p");
    const forget = document.createElement("button");
    box.className = "c360-blockers";
    heading.className = "govuk-body govuk-!-font-weight-bold";
    heading.textContent = say.older;
    box.append(heading);
    for (const [name, value] of pairs) {
      const control = form.elements[name];
      if (!value || !(control instanceof HTMLTextAreaElement || control?.type === "text")) continue;
      const words = document.createElement("p");
      words.className = "govuk-body c360-pre";
      words.textContent = value;
      box.append(words);
    }
    Object.assign(forget, { type: "button", className: "govuk-button govuk-button--secondary", textContent: say.forget });
    forget.addEventListener("click", () => (store("remove", key), box.remove()));
    box.append(forget);
    place?.append(box);
  }
}

export function startAutosave(form) {
  if (form.dataset.autosaveStarted) return;
  form.dataset.autosaveStarted = "yes";
  const say = words(form);
  const find = (name) => form.querySelector(`[${name}]`) ?? document.querySelector(`[${name}="${form.id}"]`);
  const state = find("data-autosave-state");
  const version = form.elements.version;
  const base = `${PREFIX}${document.body.dataset.person}:${form.dataset.autosaveKey || form.id || form.action}`;
  const key = () => `${base}:${version?.value ?? ""}`;
  let timer = null;
  let sending = false;
  let stopped = false; // after a clash only the person decides
  let sent = asText(read(form));

  const tell = (text) => {
    if (state && state.textContent !== text) state.textContent = text;
  };
  const keep = () => store("set", key(), JSON.stringify({ at: Date.now(), pairs: [...read(form)] }));
  const later = (ms = WAIT) => {
    clearTimeout(timer);
    timer = setTimeout(send, ms);
  };

  async function send() {
    const body = read(form);
    const text = asText(body);
    if (stopped || text === sent) return;
    if (sending) return later();
    sending = true;
    tell(say.saving);
    const before = key();
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body,
        credentials: "same-origin",
        keepalive: text.length < 50000, // a page that is being left may still send this much
        redirect: "error", // a redirect means the session ended
        headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken?.value ?? "", "X-Requested-With": "fetch" },
      });
      if (answer.ok) {
        const said = await answer.json();
        store("remove", before);
        sent = text;
        if (version && said.version !== undefined) version.value = said.version;
        tell(`${say.saved} ${said.saved ?? new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`);
        if (asText(read(form)) !== sent) later();
      } else if (answer.status === 409) {
        stopped = true;
        const clash = find("data-autosave-clash");
        if (clash) clash.innerHTML = await answer.text(); // this server's own template, escaped there
        tell(say.clash);
      } else tell(answer.status >= 500 ? say.kept : say.refused);
      if (answer.status >= 500) later(RETRY);
    } catch {
      tell(say.kept);
      later(RETRY);
    } finally {
      sending = false;
    }
  }

  const changed = () => {
    keep();
    later();
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    stopped = true; // the page that answers shows what was saved; the copy goes when that page opens
    store("set", `${base}:submitted`, JSON.stringify({ at: Date.now(), key: key(), text: asText(read(form)) }));
  });
  window.addEventListener("online", () => later(0));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && send());
  // A page that the browser keeps for "back" must not send later, when another copy of the form may be open.
  window.addEventListener("pagehide", () => {
    send();
    stopped = true;
  });
  window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());

  try {
    forgetOld();
    const submitted = JSON.parse(store("get", `${base}:submitted`) ?? "null");
    if (submitted && (submitted.key !== key() || submitted.text === sent)) {
      store("remove", submitted.key);
      store("remove", `${base}:submitted`);
    }
    const kept = JSON.parse(store("get", key()) ?? "null");
    if (kept && asText(kept.pairs) !== sent) {
      restore(form, kept.pairs);
      tell(say.restored);
      later(0);
    }
    showOlder(form, find("data-autosave-clash"), base, key(), say);
  } catch {
    tell(""); // an unreadable copy is no reason to stop the page
  }
}

// A form without autosave whose sending met an ended session. Its text waits in this tab, for this person, while they
// sign in, and is put back into the form. Any other page that opens means that it was sent.
const CARRIED = `${PREFIX}carried`;
const tab = (action, value) => {
  try {
    return action === "get" ? JSON.parse(sessionStorage.getItem(CARRIED) ?? "null") : action === "set" ? sessionStorage.setItem(CARRIED, JSON.stringify(value)) : sessionStorage.removeItem(CARRIED);
  } catch {
    return null;
  }
};

function carry(event) {
  const form = event.target;
  const { person } = document.body.dataset;
  if (!person || form.method !== "post" || "autosave" in form.dataset || !form.closest("main")) return;
  const place = [...document.forms].indexOf(form);
  const action = new URL(form.action).pathname;
  tab("set", { person, place, action, path: window.location.pathname, pairs: [...read(form)] });
}

export function carryOverSignIn() {
  document.addEventListener("submit", carry);
  const { person, wordBack } = document.body.dataset;
  const carried = tab("get");
  if (!carried) return;
  if (!person) return tab("set", { ...carried, met: true }); // the sign-in page
  tab("remove");
  if (!carried.met || carried.person !== person) return;
  if (carried.path !== window.location.pathname) {
    if (carried.action !== window.location.pathname) return;
    tab("set", carried); // sign-in led to where the form is sent; the form itself stands elsewhere
    return window.location.replace(carried.path);
  }
  const form = document.forms[carried.place];
  if (!form) return;
  restore(form, carried.pairs);
  const told = document.createElement("p");
  Object.assign(told, { className: "govuk-inset-text", textContent: wordBack });
  told.setAttribute("role", "status");
  form.before(told);
}
