namespace Multiprocess.Generator.Parsing;

/// <summary>Provides unique names for local variables.</summary>
internal sealed class LocalNames(IEnumerable<string> taken)
{
    private readonly HashSet<string> _taken = [.. taken];

    /// <summary>
    /// A local variable's name made from the member's name, with underscores appended until it is free.
    /// </summary>
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
