using System.Reflection;
using System.Text.RegularExpressions;
using Bitcoin.GuiWeb.Model;

namespace Bitcoin.Gui.Tests.Model;

/// <summary>Every text of the page is there in both languages.</summary>
internal sealed class TextsTests
{
    private static readonly string s_sources = typeof(TextsTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "GuiWebSources").Value!;

    private static readonly string s_all = string.Concat(
        Directory.EnumerateFiles(s_sources, "*.*", SearchOption.AllDirectories)
            .Where(static file => Path.GetExtension(file) is ".razor" or ".cs")
            .Where(static file => !Regex.IsMatch(file[s_sources.Length..], "^(bin|obj)/"))
            .Select(File.ReadAllText))
        + File.ReadAllText(Path.Combine(s_sources, "../Gui/GuiMain.cs"));

    [Test]
    public void Every_text_is_there_in_German()
    {
        IEnumerable<string> used = Regex.Matches(s_all, @"\bT\(""((?:[^""\\]|\\.)*)""")
            .Select(static match => match.Groups[1].Value)
            .Distinct();

        Assert.That(used.Where(static text => !Session.German.ContainsKey(text)), Is.Empty);
    }

    [Test]
    public void No_text_is_there_for_nothing()
    {
        IEnumerable<string> unused = Session.German.Keys
            .Where(static text => !s_all.Contains($"\"{text}\"", StringComparison.Ordinal));

        Assert.That(unused, Is.Empty);
    }

    [Test]
    public void Both_languages_have_the_same_places()
    {
        foreach ((string english, string german) in Session.German)
        {
            Assert.That(Places(german), Is.EqualTo(Places(english)), english);
        }
    }

    private static IEnumerable<string> Places(string text)
        => Regex.Matches(text, @"\{\d\}").Select(static match => match.Value).Order(StringComparer.Ordinal);
}
