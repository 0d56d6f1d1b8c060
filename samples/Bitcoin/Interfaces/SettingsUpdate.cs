using System.Text.Json.Nodes;

namespace Bitcoin.Interfaces;

/// <summary>What happens to a setting after <see cref="SettingsUpdate"/> looked at it.</summary>
public enum SettingsAction
{
    /// <summary>It is stored at once.</summary>
    Write,

    /// <summary>
    /// It holds until the process ends, and is stored together with the next setting that is written.
    /// </summary>
    SkipWrite,
}

/// <summary>Reads a stored setting and may change it.</summary>
/// <param name="value">The value; null means that it is not set, before and after.</param>
/// <returns>What to do with it; null to leave it unchanged.</returns>
public delegate SettingsAction? SettingsUpdate(ref JsonNode? value);
