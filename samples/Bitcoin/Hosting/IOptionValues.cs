namespace Bitcoin.Hosting;

/// <summary>The options, as they were given.</summary>
public interface IOptionValues
{
    /// <summary>
    /// Whether a switch is on: its last value is -name or any value but 0, or it was not given and is on by default.
    /// </summary>
    bool IsOn(string name, bool byDefault = false);

    /// <summary>The value that counts; null if there is none.</summary>
    string? Last(string name);

    /// <summary>All given values; empty if the one that counts is the negation.</summary>
    IReadOnlyList<string> All(string name);
}
