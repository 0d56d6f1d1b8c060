namespace Bitcoin.Hosting;

/// <summary>Options as they were given.</summary>
public interface IOptionValues
{
    /// <summary>
    /// Whether a switch is on: given last as -name or with any value but 0, or on by default and not given.
    /// </summary>
    bool IsOn(string name, bool byDefault = false);

    /// <summary>The value that holds; null without one.</summary>
    string? Last(string name);

    /// <summary>All values given; none when the one that holds is the negation.</summary>
    IReadOnlyList<string> All(string name);
}
