using Microsoft.JSInterop;

namespace Bitcoin.GuiWeb.Model;

/// <summary>Functions of the browser: copy a text, save a file. Used on the window's own thread.</summary>
internal sealed class Clipboard(IJSRuntime script)
{
    /// <summary>Copies a text.</summary>
    /// <returns>Whether the browser allowed it.</returns>
    internal async Task<bool> Copy(string text)
    {
        try
        {
            return await script.InvokeAsync<bool>("walletPage.copy", text);
        }
        catch (JSException)
        {
            return false;
        }
    }

    /// <summary>Saves a file in the download folder of the browser.</summary>
    internal ValueTask Save(string name, string type, string content)
        => script.InvokeVoidAsync("walletPage.save", name, type, content);

    /// <summary>Sets the language of the page, for screen readers.</summary>
    internal ValueTask SetLanguage(string language) => script.InvokeVoidAsync("walletPage.language", language);
}
