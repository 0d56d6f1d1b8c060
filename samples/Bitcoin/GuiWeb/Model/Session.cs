using System.Collections;
using System.Resources;

namespace Bitcoin.GuiWeb.Model;

/// <summary>
/// The state of one window: its language, its units, and its wallet. Used on the window's own thread.
/// </summary>
internal sealed class Session(NodeModel node, Choices choices)
{
    private static readonly ResourceManager s_german = new("Texts.de", typeof(Session).Assembly);

    private string? _wallet;

    /// <summary>Called after the choice of another wallet.</summary>
    internal event Action? Changed;

    /// <summary>The languages of the browser, as it sends them.</summary>
    internal string BrowserLanguages { get; set; } = "";

    internal Choices Choices => choices;

    internal AmountUnit Unit => choices.Now.Unit;

    internal Formats Formats => Language == "de" ? Formats.German : Formats.English;

    /// <summary>The language of texts: the chosen one, or the first available one of the browser.</summary>
    internal string Language => choices.Now.Language is { Length: > 0 } chosen
        ? chosen
        : Preferred(BrowserLanguages);

    /// <summary>The wallet that the window shows; null if there is none.</summary>
    internal WalletModel? Wallet
    {
        get
        {
            string name = _wallet ?? choices.Now.Wallet;
            System.Collections.Immutable.ImmutableHashSet<string> unfinished = node.Unfinished;
            return node.Wallets.TryGetValue(name, out WalletModel? chosen) && !unfinished.Contains(name)
                ? chosen
                : node.Wallets.Values.FirstOrDefault(wallet => !unfinished.Contains(wallet.Name));
        }
    }

    /// <summary>All texts of the other language, for tests: English is the key.</summary>
    internal static IReadOnlyDictionary<string, string> German { get; } = s_german
        .GetResourceSet(System.Globalization.CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: false)!
        .Cast<DictionaryEntry>()
        .ToDictionary(static entry => (string)entry.Key, static entry => (string)entry.Value!);

    /// <summary>A text in the window's language, with its arguments filled in.</summary>
    internal string T(string english, params ReadOnlySpan<object?> values)
    {
        string text = Language == "de" && German.TryGetValue(english, out string? german) ? german : english;
        return values.Length == 0 ? text : string.Format(Formats.Culture, text, values);
    }

    internal string Amount(decimal btc, bool sign = false) => Formats.Amount(btc, Unit, sign);

    /// <summary>A duration in minutes, hours or days, in words.</summary>
    internal string About(TimeSpan time) => time switch
    {
        { TotalMinutes: < 59.5 } => T("about {0} minutes", (int)Math.Round(time.TotalMinutes)),
        { TotalHours: < 1.5 } => T("about an hour"),
        { TotalHours: < 23.5 } => T("about {0} hours", (int)Math.Round(time.TotalHours)),
        _ => T("about a day"),
    };

    /// <summary>Shows another wallet, also after a reload.</summary>
    internal void Look(string wallet)
    {
        _wallet = wallet;
        choices.Choose(values => values with { Wallet = wallet });
        Changed?.Invoke();
    }

    private static string Preferred(string languages)
    {
        foreach (string language in languages.Split(','))
        {
            string code = language.Trim();
            if (code.StartsWith("de", StringComparison.OrdinalIgnoreCase))
            {
                return "de";
            }

            if (code.StartsWith("en", StringComparison.OrdinalIgnoreCase))
            {
                return "en";
            }
        }

        return "en";
    }
}
