namespace Bitcoin.Hosting;

/// <summary>Opens a program's log according to the options.</summary>
public static class LogStart
{
    private const int ShrunkBytes = 10 * 1000 * 1000;

    /// <summary>The path of the log; null for none.</summary>
    /// <param name="settings">The options.</param>
    /// <param name="name">The default name of the file.</param>
    public static string? Path(Settings settings, string name)
        => settings.Last("debuglogfile") is not { } given ? System.IO.Path.Combine(settings.Directory, name)
        : given == "0" ? null
        : System.IO.Path.Combine(settings.Directory, given.Length == 0 ? name : given);

    /// <summary>Checks the options.</summary>
    /// <exception cref="HostException">One is wrong.</exception>
    public static void Check(Settings settings)
    {
        DebugLog.Check(settings.All("debug"));
        DebugLog.Check(settings.All("debugexclude"), "debugexclude");
        LogForm.CheckLevels(settings.All("loglevel"));
    }

    /// <summary>Opens the log.</summary>
    /// <exception cref="HostException">The file cannot be opened.</exception>
    public static void Open(DebugLog log, Settings settings, string name, TextWriter? console)
    {
        string? path = Path(settings, name);
        IReadOnlyCollection<string> categories = Categories(settings);
        try
        {
            if (path is not null && settings.IsOn("shrinkdebugfile", byDefault: categories.Count == 0))
            {
                Shrink(path);
            }

            log.Open(path, console, categories, LogForm.From(settings));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"Could not open debug log file {path}", exception);
        }
    }

    /// <summary>The categories to log.</summary>
    public static IReadOnlyCollection<string> Categories(Settings settings)
    {
        HashSet<string> categories = [.. Named(DebugLog.Counting(settings.All("debug")))];
        categories.ExceptWith(Named(settings.All("debugexclude")));
        return categories;

        static IEnumerable<string> Named(IEnumerable<string> values)
            => values.SelectMany(
                static value => DebugLog.Everything.Contains(value) ? DebugLog.KnownCategories : [value]);
    }

    /// <summary>Cuts a large log down to its end.</summary>
    private static void Shrink(string path)
    {
        FileInfo file = new(path);
        if (!file.Exists || file.LinkTarget is not null || file.Length <= ShrunkBytes + (ShrunkBytes / 10))
        {
            return;
        }

        byte[] end = new byte[ShrunkBytes];
        using FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite);
        stream.Seek(-ShrunkBytes, SeekOrigin.End);
        stream.ReadExactly(end);
        stream.SetLength(0);
        stream.Write(end);
    }
}
