// What the page does in the browser beside Blazor: copying, saving, and coming back after the program was away.
"use strict";
(function () {
    window.walletPage = {
        copy: async function (text) {
            try {
                await navigator.clipboard.writeText(text);
                return true;
            } catch {
                return false;
            }
        },
        save: function (name, type, content) {
            const link = document.createElement("a");
            link.href = URL.createObjectURL(new Blob([content], { type: type }));
            link.download = name;
            link.click();
            setTimeout(() => URL.revokeObjectURL(link.href), 1000);
        },
        language: function (code) {
            document.documentElement.lang = code;
        },
    };

    // Before Blazor, which would take the link for one to the first page: every address is relative to that.
    document.addEventListener("click", event => {
        if (event.target.matches(".page-skip")) {
            event.preventDefault();
            event.stopPropagation();
            document.getElementById("content").focus();
        }
    }, true);

    // A program that was started again at the same port does not know this window: the page begins anew. Nor does it
    // know the browser; then the page says which address to use, instead of trying for ever.
    // Listens on the way down: Blazor's event goes to its dialog, and does not come up from there.
    let look = 0;
    let hasFailed = false;
    document.addEventListener("components-reconnect-state-changed", event => {
        const state = event.detail.state;
        hasFailed = state === "failed";
        if (state === "rejected" || state === "resume-failed") {
            location.reload();
        } else if (state === "hide") {
            clearInterval(look);
            look = 0;
        } else if (look === 0) {
            look = setInterval(() => fetch("/").then(answer => {
                if (answer.status === 403 || hasFailed) {
                    location.reload();
                }
            }, () => { }), 2000);
        }
    }, true);
})();
