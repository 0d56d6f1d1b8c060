using System.Globalization;
using Bitcoin.Primitives;

namespace Bitcoin.Hosting;

/// <summary>A file with the id of this process, for supervisors. Dispose removes it.</summary>
public sealed class PidFile : IDisposable
{
    private readonly string _path;

    private PidFile(string path) => _path = path;

    /// <summary>Writes the file, unless -nopid was given.</summary>
    /// <exception cref="HostException">It cannot be written.</exception>
    public static PidFile? Create(Settings settings)
    {
        if (settings.Last("pid") == "0")
        {
            return null;
        }

        string path = Path.Combine(
            settings.Directory, settings.Last("pid") is { Length: > 0 } given ? given : Currency.Names.Daemon + ".pid");
        try
        {
            File.WriteAllText(path, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
            return new PidFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"Unable to create the PID file '{path}': {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file stays, with the id of a process that is gone.
        }
    }
}
