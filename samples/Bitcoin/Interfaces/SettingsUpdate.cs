using System.Text.Json.Nodes;

namespace Bitcoin.Interfaces;

/// <summary>What becomes of a setting after it was looked at.</summary>
public enum SettingsAction
{
    /// <summary>It is stored at once.</summary>
    Write,

    /// <summary>It holds until the end, and is stored with the next that is written.</summary>
    SkipWrite,
}

/// <summary>Looks at a stored setting and may change it.</summary>
/// <param name="value">The value; null for none, before and after.</param>
/// <returns>What to do with it; null to leave it as it was.</returns>
public delegate SettingsAction? SettingsUpdate(ref JsonNode? value);
