namespace Multiprocess.Generator.Parsing;

/// <summary>Hands out names for local variables, none twice.</summary>
internal sealed class LocalNames(IEnumerable<string> taken)
{
    private readonly HashSet<string> _taken = [.. taken];

    /// <summary>The member's name as a local variable's, with an underscore behind it while it is taken.</summary>
    public string Take(string member)
    {
        string name = char.ToLowerInvariant(member[0]) + member.Substring(1);

        // Codecs are called by their simple names, which a local variable of the same name would hide.
        while (name.EndsWith("Codec", StringComparison.Ordinal) || !_taken.Add(name))
        {
            name += "_";
        }

        return TypeNames.Escape(name);
    }
}
