namespace Bitcoin.Hosting;

/// <summary>The restrictions of an option.</summary>
[Flags]
public enum OptionRules
{
    /// <summary>No restriction.</summary>
    None = 0,

    /// <summary>It needs a value: -proxy alone is an error.</summary>
    NeedsValue = 1,

    /// <summary>It cannot be switched off: -nodatadir is an error.</summary>
    StaysOn = 2,

    /// <summary>Its value must not be logged.</summary>
    Secret = 4,
}

/// <summary>An option that a program knows.</summary>
/// <param name="Name">The name, without the dash.</param>
/// <param name="Value">The placeholder of the value in the help; null for a switch.</param>
/// <param name="Help">Its description.</param>
/// <param name="Rules">Its restrictions.</param>
public sealed record Option(string Name, string? Value, string Help, OptionRules Rules = OptionRules.None);
