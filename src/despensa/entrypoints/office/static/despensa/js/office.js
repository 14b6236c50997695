// The office's own script. Every page works without it: it adds a key for the search box, questions
// before sending, drag-and-drop with progress, and closing of menus.
// @ts-check

document.documentElement.dataset.ready = "";

/** True while the person is typing, so that a letter is a letter and not a command. */
const isTyping = (/** @type {EventTarget | null} */ target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input, textarea, select"));

const closeMenus = (/** @type {Node | null} */ except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (except === null || !menu.contains(except)) menu.removeAttribute("open");
  }
};

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const boxes = [...document.querySelectorAll("[data-search], #id_query")];
    const box = boxes.find((one) => one instanceof HTMLElement && one.offsetParent !== null);
    if (box instanceof HTMLElement) {
      event.preventDefault();
      box.focus();
    }
  }
  // one key for each decision of a page; digits are the same on every keyboard
  if (!isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat) {
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (button instanceof HTMLElement && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      button.click();
    }
  }
  if (event.key === "Escape") {
    const open = document.querySelector("details.menu[open] > summary");
    closeMenus(null);
    if (open instanceof HTMLElement) open.focus();
    if (location.hash === "#rooms") location.hash = "#content";
  }
});

document.addEventListener("click", (event) => {
  closeMenus(event.target instanceof Node ? event.target : null);
});

// ---- questions before sending

const ask = document.getElementById("ask");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  if (form.dataset.ask && !form.dataset.answered && ask instanceof HTMLDialogElement) {
    event.preventDefault();
    const question = ask.querySelector("#ask_question");
    if (question) question.textContent = form.dataset.ask;
    ask.returnValue = "";
    ask.showModal();
    ask.onclose = () => {
      if (ask.returnValue !== "yes") return;
      form.dataset.answered = "yes";
      form.requestSubmit();
    };
    return;
  }
  // What comes back is a file, and the page with its form stays.
  if (event.submitter instanceof HTMLElement && "again" in event.submitter.dataset) return;
  // A second press of the button must not send the form twice.
  if (form.method === "post" && !("upload" in form.dataset) && !("passkey" in form.dataset)) {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  }
});

window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    delete form.dataset.answered;
  }
});

// ---- papers

document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
});

// ---- a file that is too large is not sent at all

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.dataset.mibMax) return;
  const size = input.files?.[0]?.size ?? 0;
  const isTooLarge = size > Number(input.dataset.mibMax) * 1024 * 1024;
  input.setCustomValidity(isTooLarge ? (input.dataset.tooLarge ?? "") : "");
  if (isTooLarge) input.reportValidity();
});

// ---- the file that is dropped or chosen

/** Send the form with a progress bar and follow the answer; the server decides where it leads. */
const sendWithProgress = (/** @type {HTMLFormElement} */ form) => {
  const frame = form.querySelector("[data-upload-progress]");
  const bar = frame?.querySelector("progress");
  const word = frame?.querySelector("[role=status]");
  const button = form.querySelector("button[type=submit]");
  if (!(frame instanceof HTMLElement) || !bar || !(word instanceof HTMLElement)) return false;

  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
    word.textContent = word.dataset.sending ?? "";
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    word.textContent = word.dataset.reading ?? "";
  });
  const failed = () => {
    bar.value = 0;
    word.textContent = word.dataset.failed ?? "";
    button?.removeAttribute("disabled");
  };
  request.addEventListener("error", failed);
  request.addEventListener("load", () => {
    if (request.responseURL && request.responseURL !== form.action && request.status < 400) {
      location.assign(request.responseURL);
      return;
    }
    // The page came back with its errors, or with a calm sentence: show it as the browser would.
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = answer.querySelector("main");
    if (!main) {
      failed();
      return;
    }
    document.querySelector("main")?.replaceWith(document.adoptNode(main));
    prepareUploads();
    focusTrouble();
  });
  frame.hidden = false;
  button?.setAttribute("disabled", "");
  request.send(new FormData(form));
  return true;
};

const prepareUploads = () => {
  for (const form of document.querySelectorAll("form[data-upload]")) {
    const drop = form.querySelector("[data-drop]");
    const input = form.querySelector("input[type=file]");
    if (!(form instanceof HTMLFormElement) || !(drop instanceof HTMLElement)) continue;
    if (!(input instanceof HTMLInputElement)) continue;
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.dataset.over = "";
    });
    drop.addEventListener("dragleave", () => delete drop.dataset.over);
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      delete drop.dataset.over;
      if (event.dataTransfer?.files.length) input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    form.addEventListener("submit", (event) => {
      if (sendWithProgress(form)) event.preventDefault();
    });
  }
};

// ---- where the eye and the keyboard begin

const focusTrouble = () => {
  const trouble = document.querySelector("[data-focus]");
  const first = document.querySelector("[data-first]");
  if (trouble instanceof HTMLElement) trouble.focus();
  else if (first instanceof HTMLElement && matchMedia("(pointer: fine)").matches) first.focus();
};

prepareUploads();
focusTrouble();
