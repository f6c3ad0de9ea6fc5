// Starts GOV.UK Frontend and this product's own small helpers. Every page works without any of it.
import { initAll } from "govuk-frontend";
import { carryOverSignIn, forgetSent, startAutosave } from "c360/autosave";

initAll();
document.querySelectorAll("form[data-autosave]").forEach(startAutosave);
carryOverSignIn();

// A piece that htmx swaps in holds components of its own.
document.addEventListener("htmx:afterSwap", (event) => {
  const piece = event.detail.elt;
  initAll({ scope: piece.parentElement ?? piece });
  piece.querySelectorAll?.("form[data-autosave]").forEach(startAutosave);
});

// Without this htmx leaves a refused request unseen: the server's piece says why, so it is shown where the answer goes.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([400, 403, 404, 409, 413].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.querySelector("[data-sign-out]")?.addEventListener("submit", forgetSent);

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// "Only show" selects and the like: the form's own button still works.
document.querySelectorAll("[data-submit-on-change]").forEach((control) => {
  control.addEventListener("change", () => control.form.requestSubmit());
});
