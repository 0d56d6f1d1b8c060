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

    // A program that was started again at the same port does not know this window: the page begins anew.
    document.addEventListener("components-reconnect-state-changed", event => {
        if (event.detail.state === "rejected" || event.detail.state === "resume-failed") {
            location.reload();
        } else if (event.detail.state === "failed") {
            setTimeout(() => fetch("/").then(() => location.reload(), () => { }), 1000);
        }
    });
})();
