using System.Globalization;
using System.Text;

namespace Bitcoin.Hosting;

/// <summary>The form of the lines of a log: what they start with.</summary>
/// <param name="HasTime">Whether they have the time.</param>
/// <param name="HasMicros">Whether the time has microseconds.</param>
/// <param name="HasThread">Whether they have the thread's name.</param>
/// <param name="HasLevel">
/// Whether they always have category and level. If false, the level is written only if it adds to the category.
/// </param>
public sealed record LogForm(bool HasTime, bool HasMicros, bool HasThread, bool HasLevel)
{
    internal const string Info = "info";
    internal const string Debug = "debug";
    internal const string Warning = "warning";

    private static readonly string[] s_levels = [Info, Debug, "trace"];

    /// <summary>
    /// Only the time, with microseconds: the logs of several processes are merged by it.
    /// </summary>
    public static LogForm Usual { get; } = new(HasTime: true, HasMicros: true, HasThread: false, HasLevel: false);

    /// <summary>The form that the options ask for.</summary>
    public static LogForm From(Settings settings)
    {
        return new LogForm(
            settings.IsOn("logtimestamps", byDefault: true),
            settings.IsOn("logtimemicros", byDefault: true),
            settings.IsOn("logthreadnames"),
            settings.IsOn("loglevelalways"));
    }

    /// <summary>Checks values of -loglevel.</summary>
    /// <exception cref="HostException">A value is not a level, or lacks its category.</exception>
    public static void CheckLevels(IEnumerable<string> levels)
    {
        foreach (string value in levels)
        {
            string[] parts = value.Split(':');
            if (parts.Length == 1 && !s_levels.Contains(value))
            {
                throw new HostException(
                    $"Unsupported global logging level -loglevel={value}. Valid values: "
                        + $"{string.Join(", ", s_levels)}.");
            }

            if (parts.Length > 1
                && !(parts is [var category, var level]
                    && DebugLog.KnownCategories.Contains(category)
                    && s_levels.Contains(level)))
            {
                throw new HostException(
                    $"Unsupported category-specific logging level -loglevel={value}. Expected -loglevel=<category>:<loglevel>. "
                        + $"Valid categories: {string.Join(", ", DebugLog.KnownCategories)}. Valid loglevels: {string.Join(", ", s_levels)}.");
            }
        }
    }

    internal string Time(DateTimeOffset time)
        => time.ToString(
            HasMicros ? "yyyy-MM-ddTHH:mm:ss.ffffffZ" : "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    internal string Line(LogEntry entry)
    {
        StringBuilder line = new();
        if (HasTime)
        {
            line.Append(Time(entry.Time)).Append(' ');
        }

        if (HasThread)
        {
            line.Append('[').Append(entry.Thread.Length == 0 ? "unknown" : entry.Thread).Append("] ");
        }

        string tag = HasLevel
            ? $"{entry.Category ?? "all"}:{entry.Level}"
            : entry.Category ?? (entry.Level == Info ? "" : entry.Level);
        if (tag.Length > 0)
        {
            line.Append('[').Append(tag).Append("] ");
        }

        return line.Append(entry.Message).ToString();
    }
}
