using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.Text;

namespace Multiprocess.Generator.Tests.Harness;

/// <summary>Source with the expected diagnostics marked in it: <c>void Take({|MP0003:object|} value);</c>.</summary>
internal sealed record Markup(string Source, IReadOnlyList<(string Id, TextSpan Span)> Expected)
{
    public static Markup Parse(string marked)
    {
        var source = new StringBuilder();
        var expected = new List<(string, TextSpan)>();
        int read = 0;
        foreach (Match match in Regex.Matches(marked, @"\{\|(MP\d{4}):(.*?)\|\}"))
        {
            source.Append(marked, read, match.Index - read);
            expected.Add((match.Groups[1].Value, new TextSpan(source.Length, match.Groups[2].Length)));
            source.Append(match.Groups[2].Value);
            read = match.Index + match.Length;
        }

        source.Append(marked, read, marked.Length - read);
        return new Markup(source.ToString(), expected);
    }
}
