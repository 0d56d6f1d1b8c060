namespace Multiprocess.Versions;

/// <summary>A type that crosses by value, as one side has it.</summary>
/// <param name="Kind">How it crosses: <c>record</c>, <c>keyed</c>, <c>map</c>, <c>enum</c>, <c>union</c> or <c>converted</c>.</param>
/// <param name="Name">Its full name.</param>
/// <param name="Suffix">The underlying type of an enum, behind a colon.</param>
/// <param name="IsSent">Whether arguments hold it.</param>
/// <param name="IsReturned">Whether results hold it.</param>
internal sealed record TypeShape(string Kind, string Name, string Suffix, bool IsSent, bool IsReturned)
{
    /// <summary>The lines of its members, values or cases.</summary>
    public List<string> Members { get; } = [];

    /// <summary>Reads <c>&gt; record Demo.Person</c>; null for what a later version may write there.</summary>
    public static TypeShape? TryParse(string line)
    {
        string[] words = line.Split(' ', 3);
        if (words.Length != 3 || words[0] is not (">" or "<" or "<>"))
        {
            return null;
        }

        int colon = words[2].IndexOf(": ", StringComparison.Ordinal);
        return new TypeShape(
            words[1],
            colon < 0 ? words[2] : words[2][..colon],
            colon < 0 ? "" : words[2][colon..],
            IsSent: words[0].Contains('>', StringComparison.Ordinal),
            IsReturned: words[0].Contains('<', StringComparison.Ordinal));
    }
}
