using System.Globalization;
using System.Text;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Recording;

/// <summary>
/// The file that records the traffic of one connection as text, line by line. PROTOCOL.md describes the format.
/// </summary>
/// <remarks>
/// Not thread-safe: callers hold a lock. Each line is passed to the system at once, so that it is kept when this
/// process ends.
/// </remarks>
internal sealed class RecordFile : IDisposable
{
    public const int FormatVersion = 1;

    public const string Extension = ".ipc.txt";

    // Reserved for the last comments when the file is full.
    private const int ReservedBytes = 512;

    private const int MaxCommentCharacters = 300;

    private static int s_last;

    private readonly long _maxBytes;
    private readonly Action<string, Exception?> _ended;
    private Stream? _stream;
    private long _written;

    /// <param name="stream">The destination. This object takes ownership of it.</param>
    /// <param name="maxBytes">The maximum length, in bytes.</param>
    /// <param name="ended">Called once with the reason when the recording ends before its connection.</param>
    public RecordFile(Stream stream, long maxBytes, Action<string, Exception?> ended)
    {
        _stream = stream;
        _maxBytes = maxBytes;
        _ended = ended;
    }

    public bool IsOpen => _stream is not null;

    /// <summary>The longest line that still fits, in bytes.</summary>
    public long Free => _maxBytes - ReservedBytes - _written;

    /// <summary>
    /// Creates a new file that only its owner can read. A missing folder is created, for its owner only.
    /// </summary>
    /// <exception cref="IpcException">The file cannot be created there; the message says where and why.</exception>
    public static FileStream Create(string folder, DateTimeOffset now)
    {
        try
        {
            OwnerDirectory.Make(Path.GetFullPath(folder));
            int number = Interlocked.Increment(ref s_last);
            string name = string.Create(
                CultureInfo.InvariantCulture,
                $"{now.UtcDateTime:yyyyMMdd'T'HHmmssfff'Z'}-{Environment.ProcessId}-{number}{Extension}");
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
            };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return new FileStream(Path.Combine(folder, name), options);
        }
        catch (Exception failure) when (
            failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IpcException(
                IpcErrorKind.Refused,
                $"Cannot record in the folder '{folder}': {failure.Message} Nothing was sent.",
                failure);
        }
    }

    /// <summary>
    /// Checks whether files can be created in a folder, and leaves none. A disk that is full now may have space later:
    /// that is not an error.
    /// </summary>
    /// <exception cref="IpcException">Files cannot be created there.</exception>
    public static void Probe(string folder, DateTimeOffset now)
    {
        try
        {
            using FileStream probe = Create(folder, now);
            File.Delete(probe.Name);
        }
        catch (IpcException failure) when (IsShortage(failure))
        {
        }
    }

    /// <summary>
    /// Whether a file could not be created because of a shortage that may pass: space, files, or the disk itself.
    /// </summary>
    public static bool IsShortage(IpcException failure)
    {
        const int ioError = 5;
        const int tooManyFilesOfSystem = 23;
        const int tooManyFiles = 24;
        const int fileTooLarge = 27;
        const int noSpace = 28;
        const int overQuota = 122;
        const int noSpaceOnWindows = unchecked((int)0x80070070);
        return failure.InnerException is IOException
        {
            HResult: ioError or tooManyFilesOfSystem or tooManyFiles or fileTooLarge or noSpace or overQuota
                or noSpaceOnWindows
        };
    }

    /// <summary>Deletes a file that was created and could not be written.</summary>
    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // An empty file is left. The connection works without it.
        }
    }

    /// <summary>
    /// Writes lines that begin with <c>#</c>. Parts may come from outside, so they are escaped and cut.
    /// </summary>
    public void WriteComments(params ReadOnlySpan<string> comments)
    {
        var text = new StringBuilder();
        foreach (string comment in comments)
        {
            text.Append("# ").Append(IpcText.Escape(comment, MaxCommentCharacters)).Append('\n');
        }

        Append(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Writes one whole line. A line that does not fit ends the recording.</summary>
    public void WriteLine(ReadOnlySpan<byte> line)
    {
        if (line.Length > Free)
        {
            EndAtLimit();
            return;
        }

        Append(line);
    }

    /// <summary>Ends the recording because no more fits.</summary>
    public void EndAtLimit()
    {
        if (IsOpen)
        {
            string reason = string.Create(
                CultureInfo.InvariantCulture, $"the limit of {_maxBytes:N0} bytes is reached");
            WriteComments($"{reason}: the connection went on, this recording did not");
            Dispose();
            _ended(reason, null);
        }
    }

    public void Dispose()
    {
        Stream? stream = _stream;
        _stream = null;
        try
        {
            stream?.Dispose();
        }
        catch (IOException)
        {
            // Everything was already written; there is nothing more to save.
        }
    }

    /// <summary>Removes half a line at the end: a recording ends with its last whole line.</summary>
    private void EndAtLastLine()
    {
        try
        {
            _stream?.SetLength(_written);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // A device or a pipe: bytes that it has received cannot be taken back.
        }

        Dispose();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream?.Write(bytes);
            _written += bytes.Length;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            EndAtLastLine();
            _ended(failure.Message, failure);
        }
    }
}
