namespace Bitcoin.Hosting;

/// <summary>What an option does not allow, or keeps to itself.</summary>
[Flags]
public enum OptionRules
{
    /// <summary>Nothing in particular.</summary>
    None = 0,

    /// <summary>It needs a value: -proxy alone is an error.</summary>
    NeedsValue = 1,

    /// <summary>It cannot be switched off: -nodatadir is an error.</summary>
    StaysOn = 2,

    /// <summary>Its value is not for the log.</summary>
    Secret = 4,
}

/// <summary>A command line option a program knows.</summary>
/// <param name="Name">The name, without the dash.</param>
/// <param name="Value">What stands for the value in the help; null for a switch.</param>
/// <param name="Help">What it does.</param>
/// <param name="Rules">What it does not allow.</param>
public sealed record Option(string Name, string? Value, string Help, OptionRules Rules = OptionRules.None);
