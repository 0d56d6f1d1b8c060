namespace Multiprocess.Versions;

/// <summary>One side's description of a type that is transferred by value.</summary>
/// <param name="Kind">
/// How the type is transferred: <c>record</c>, <c>keyed</c>, <c>map</c>, <c>enum</c>, <c>union</c> or <c>converted</c>.
/// </param>
/// <param name="Name">The type's full name.</param>
/// <param name="Suffix">The underlying type of an enum, after a colon.</param>
/// <param name="IsSent">Whether arguments contain the type.</param>
/// <param name="IsReturned">Whether results contain the type.</param>
internal sealed record TypeShape(string Kind, string Name, string Suffix, bool IsSent, bool IsReturned)
{
    /// <summary>One line for each member, value or case.</summary>
    public List<string> Members { get; } = [];

    /// <summary>
    /// Parses <c>&gt; record Demo.Person</c>; returns null for other lines, which a later version may write.
    /// </summary>
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
