using Microsoft.JSInterop;

namespace Bitcoin.GuiWeb.Model;

/// <summary>What only the browser can do: copy a text, save a file. Used on the window's own thread.</summary>
internal sealed class Clipboard(IJSRuntime script)
{
    /// <summary>Copies a text.</summary>
    /// <returns>Whether the browser has let it.</returns>
    internal async Task<bool> Copy(string text)
    {
        try
        {
            return await script.InvokeAsync<bool>("bitcoinPage.copy", text);
        }
        catch (JSException)
        {
            return false;
        }
    }

    /// <summary>Saves a file where the browser keeps what it downloads.</summary>
    internal ValueTask Save(string name, string type, string content)
        => script.InvokeVoidAsync("bitcoinPage.save", name, type, content);

    /// <summary>Says which language the page has, for screen readers.</summary>
    internal ValueTask SetLanguage(string language) => script.InvokeVoidAsync("bitcoinPage.language", language);
}
